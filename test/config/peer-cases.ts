import { VALID } from './fixture.ts'

/** `VALID` with the peer channel, a further path, witnesses, an arbiter and fencing. */
export const WITH_PEER = `${VALID.replace('eth0\n  web2', 'eth0\n    paths: [198.51.100.1]\n  web2').replace(
  'eth0\ninstances',
  'eth0\n    paths: [198.51.100.2]\ninstances',
)}peer:
  key_file: cluster.key
  port: 7112
witness:
  - name: gateway
    ping: 192.0.2.1
    interval: 1s
    timeout: 1s
    rise: 2
    fall: 3
  - name: switch
    arp: 192.0.2.2
  - name: resolver
    tcp: "192.0.2.53:53"
  - name: monitor
    http: "http://192.0.2.60/"
  - name: arbiter
    lease:
      etcd: ["https://192.0.2.61:2379"]
      prefix: /haup
      ttl: 10s
      ca: /etc/haup/ca.pem
      cert: /etc/haup/own.pem
      key: /etc/haup/own-key.pem
      user: haup
      password_file: lease.pass
quorum: none
fencing:
  argv: [/usr/local/sbin/fence, "{node}"]
  timeout: 10s
`

/** What is replaced in `WITH_PEER`, by what; the path of the one problem; what is said; what is advised. */
type Case = readonly [from: string | RegExp, to: string, path: string, message: RegExp, remedy?: RegExp]

/** One value each. */
export const PEER_CASES: readonly Case[] = [
  ['paths: [198.51.100.2]', 'paths: 198.51.100.2', 'nodes.web2.paths', /must be a list/],
  ['[198.51.100.2]', '[127.0.0.1]', 'nodes.web2.paths[0]', /loopback/],
  ['key_file: cluster.key', 'key_file: 5', 'peer.key_file', /must be a path, not 5/, /cluster.key/],
  ['port: 7112', 'port: 0', 'peer.port', /from 1 to 65535/],
  ['  key_file: cluster.key\n  port: 7112', '', 'peer', /must be a mapping of keys to values, not empty/],
  ['name: gateway', 'name: "a b"', 'witness[0].name', /must be a name/],
  ['ping: 192.0.2.1', 'ping: gateway.example', 'witness[0].ping', /must be an IPv4 address/],
  ['    ping: 192.0.2.1\n', '', 'witness[0]', /needs one of ping, arp, tcp, http, lease/],
  ['ping: 192.0.2.1', 'ping: 192.0.2.1\n    arp: 192.0.2.1', 'witness[0]', /ping and arp/, /entry of its own/],
  ['arp: 192.0.2.2', 'arp: "::1"', 'witness[1].arp', /looks like IPv6/],
  ['"192.0.2.53:53"', '192.0.2.53', 'witness[2].tcp', /must be HOST:PORT/, /192.0.2.1:53/],
  ['"192.0.2.53:53"', '"192.0.2.53:99999"', 'witness[2].tcp', /must be HOST:PORT/],
  ['"http://192.0.2.60/"', '192.0.2.60', 'witness[3].http', /must be a URL/],
  ['interval: 1s\n    timeout: 1s\n    rise: 2\n    fall: 3', 'interval: 1ms', 'witness[0].interval', /from 100ms/],
  ['rise: 2\n    fall: 3\n  - name', 'timeout: 1s\n  - name', '', /unique|same key|dupl/i],
  ['timeout: 1s\n    rise: 2\n    fall: 3', 'timeout: 2m', 'witness[0].timeout', /from 10ms/],
  ['rise: 2\n    fall: 3\n  - name', 'rise: 0\n  - name', 'witness[0].rise', /from 1 to 100/],
  ['fall: 3', 'fall: 101', 'witness[0].fall', /from 1 to 100/],
  ['etcd: ["https://192.0.2.61:2379"]', 'etcd: []', 'witness[4].lease.etcd', /at least 1/],
  ['etcd: ["https://192.0.2.61:2379"]', 'http: ftp://x/', 'witness[4].lease.http', /http or https/],
  [/ {6}etcd: .*\n {6}prefix.*\n/, '', 'witness[4].lease', /needs one of http, etcd/],
  ['etcd: ["https://192.0.2.61:2379"]', 'http: "https://x/"', 'witness[4].lease.prefix', /etcd only/],
  ['prefix: /haup', 'prefix: ""', 'witness[4].lease.prefix', /one line/],
  ['ttl: 10s', 'ttl: 10', 'witness[4].lease.ttl', /unit, not 10/, /write 10s/],
  ['ca: /etc', 'ca: etc', 'witness[4].lease.ca', /absolute path/],
  ['cert: /etc', 'cert: etc', 'witness[4].lease.cert', /absolute path/],
  ['key: /etc', 'key: etc', 'witness[4].lease.key', /absolute path/],
  [/ {6}key: .*\n/, '', 'witness[4].lease.cert', /no use without key/, /add key/],
  ['user: haup', 'user: "a b"', 'witness[4].lease.user', /user name/],
  ['password_file: lease.pass', 'password_file: ""', 'witness[4].lease.password_file', /a path/],
  [/ {6}password_file: .*\n/, '', 'witness[4].lease.user', /no use without password_file/],
  ['"https://192.0.2.61', '"http://192.0.2.61', 'witness[4].lease.ca', /https only/],
  ['quorum: none', 'quorum: two', 'quorum', /none or majority, not "two"/],
  ['argv: [/usr/local/sbin/fence, "{node}"]', 'argv: fence {node}', 'fencing.argv', /list/],
  ['  argv: [/usr/local/sbin/fence, "{node}"]\n', '', 'fencing.argv', /missing/],
  [/timeout: 10s\n$/, 'timeout: 1h\n', 'fencing.timeout', /from 100ms to 5m/],
]
