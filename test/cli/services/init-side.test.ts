import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { type Hole, linesFor, planFirewall, withUfwRules } from '../../../src/cli/services/init-firewall.ts'
import { readPool } from '../../../src/cli/services/init-readers.ts'
import { planSide, type SideWishes } from '../../../src/cli/services/init-side.ts'
import { FACTS, GIVEN, NGINX, setUpBox } from './init-box.ts'

const NOTHING: SideWishes = {
  healthPort: undefined,
  pool: undefined,
  unit: false,
  nonlocalBind: false,
  firewall: 'none',
  peers: ['192.0.2.12'],
  channel: undefined,
}

const ONE = { peers: ['192.0.2.12'], channel: undefined }
const VRRP: readonly Hole[] = [{ from: '192.0.2.12', protocol: 'vrrp' }]
const TALKING = { ...ONE, channel: { port: 7112, addresses: ['192.0.2.12', '10.0.0.2'] } }

test('nothing wished, nothing planned', async () => {
  const { files, server, sysctls, firewall } = await planSide(FACTS, NOTHING, '/')
  assert.deepEqual([files, server, sysctls, firewall.steps], [[], undefined, [], []])
})

test('nginx: health location and pool in conf.d, by nginx’s own words', async () => {
  const servers = readPool('192.168.2.2:80, 192.168.2.3:8080 weight=2 max_fails=1 fail_timeout=5s')
  assert.ok(servers.ok)
  const wishes = { ...NOTHING, healthPort: 8098, pool: { name: 'shop', servers: servers.value } }
  const { files, server } = await planSide(FACTS, wishes, '/')
  assert.deepEqual(
    files.map(({ path }) => path),
    ['/etc/nginx/conf.d/haup-health.conf', '/etc/nginx/conf.d/haup-upstream.conf'],
  )
  assert.match(files[0]?.content ?? '', /listen 127\.0\.0\.1:8098;[\s\S]*location = \/haup-health \{/)
  const upstream = files[1]?.content.split('\n').slice(3)
  assert.deepEqual(upstream, [
    'upstream shop {',
    '    server 192.168.2.2:80 weight=1 max_fails=3 fail_timeout=20s;',
    '    server 192.168.2.3:8080 weight=2 max_fails=1 fail_timeout=5s;',
    '}',
    '',
  ])
  assert.deepEqual(server, { test: ['/usr/sbin/nginx', '-t'], reload: ['systemctl', 'reload', 'nginx.service'] })
})

test('apache: Debian’s conf-available with its link, Red Hat’s conf.d; by its own reload without a unit', async () => {
  const apache = { ...NGINX, kind: 'apache', control: '/usr/sbin/apachectl', unit: undefined } as const
  const plan = (includeDirectory: string) =>
    planSide({ ...FACTS, webServer: { ...apache, includeDirectory } }, { ...NOTHING, healthPort: 8098 }, '/')
  const debian = await plan('/etc/apache2/conf-enabled')
  assert.deepEqual(
    debian.files.map(({ path, isLink, content }) => [path, isLink === true ? content : '']),
    [
      ['/etc/apache2/conf-available/haup-health.conf', ''],
      ['/etc/apache2/conf-enabled/haup-health.conf', '../conf-available/haup-health.conf'],
    ],
  )
  assert.deepEqual(debian.server?.reload, ['/usr/sbin/apachectl', '-k', 'graceful'])
  const redHat = await plan('/etc/httpd/conf.d')
  assert.deepEqual(
    redHat.files.map(({ path }) => path),
    ['/etc/httpd/conf.d/haup-health.conf'],
  )
})

test('rules for each firewall: printed lines, fixed commands, what takes them back', async () => {
  const nft = { kind: 'nftables', dropsVrrp: true, dropsPeer: true, chain: ['inet', 'filter', 'input'] } as const
  const rule = 'inet filter input ip saddr 192.0.2.12 ip protocol vrrp accept'
  assert.deepEqual(linesFor(nft, ONE), [`nft insert rule ${rule}`])
  const applied = await planFirewall(nft, 'apply', ONE)
  assert.equal(applied.steps[0]?.argv.join(' '), `nft --echo --handle insert rule ${rule}`)
  assert.deepEqual(applied.steps[0]?.undo('insert rule x # handle 16\n')?.slice(-2), ['handle', '16'])
  const zone = { kind: 'firewalld', dropsVrrp: true, dropsPeer: true, chain: [] } as const
  const steps = (await planFirewall(zone, 'apply', ONE)).steps.map(({ argv, undo }) => [argv, undo('')])
  const rich = 'rule family="ipv4" source address="192.0.2.12" protocol value="vrrp" accept'
  assert.deepEqual(steps[0], [
    ['firewall-cmd', '--permanent', '--add-rich-rule', rich],
    ['firewall-cmd', '--permanent', '--remove-rich-rule', rich],
  ])
  assert.deepEqual((await planFirewall({ ...nft, dropsVrrp: false }, 'apply', ONE)).steps, [])
  assert.deepEqual((await planFirewall(nft, 'none', ONE)).lines, [])
})

test('the peer channel gets in from every address of the other node, by UDP and TCP', async () => {
  const nft = { kind: 'nftables', dropsVrrp: true, dropsPeer: true, chain: ['inet', 'filter', 'input'] } as const
  assert.deepEqual(linesFor(nft, TALKING), [
    'nft insert rule inet filter input ip saddr 192.0.2.12 ip protocol vrrp accept',
    'nft insert rule inet filter input ip saddr 192.0.2.12 udp dport 7112 accept',
    'nft insert rule inet filter input ip saddr 192.0.2.12 tcp dport 7112 accept',
    'nft insert rule inet filter input ip saddr 10.0.0.2 udp dport 7112 accept',
    'nft insert rule inet filter input ip saddr 10.0.0.2 tcp dport 7112 accept',
  ])
  const { steps, lines } = await planFirewall(nft, 'apply', TALKING)
  assert.equal(steps.length, 5)
  assert.deepEqual(steps[1]?.argv.slice(-7), ['ip', 'saddr', '192.0.2.12', 'udp', 'dport', '7112', 'accept'])
  assert.equal(lines.at(-1), '  ip saddr 10.0.0.2 tcp dport 7112 accept')
  const zone = { kind: 'firewalld', dropsVrrp: true, dropsPeer: true, chain: [] } as const
  const rich = 'rule family="ipv4" source address="10.0.0.2" port port="7112" protocol="udp" accept'
  assert.ok((await planFirewall(zone, 'apply', TALKING)).steps.some(({ argv }) => argv.at(-1) === rich))
  const tcp: Hole = { from: '10.0.0.2', protocol: 'tcp', port: 7112 }
  const ufw = withUfwRules('*filter\n:ufw-before-input - [0:0]\nCOMMIT\n', [tcp])
  assert.match(ufw ?? '', /-p tcp -s 10\.0\.0\.2 --dport 7112 -j ACCEPT\nCOMMIT\n$/)
  const heard = { ...nft, dropsVrrp: false }
  assert.equal(
    linesFor(heard, TALKING).some((line) => line.includes('vrrp')),
    false,
    'only what is dropped',
  )
  assert.equal((await planFirewall(heard, 'apply', TALKING)).steps.length, 4)
})

test('ufw: before COMMIT, once', () => {
  const rules = '*filter\n:ufw-before-input - [0:0]\n-A ufw-before-input -i lo -j ACCEPT\nCOMMIT\n'
  const changed = withUfwRules(rules, VRRP)
  assert.match(changed ?? '', /lo -j ACCEPT\n# haup.*\n-A ufw-before-input -p vrrp -s 192.0.2.12 -j ACCEPT\nCOMMIT\n$/)
  assert.equal(withUfwRules(changed ?? '', VRRP), changed)
  assert.equal(withUfwRules('something else', VRRP), undefined)
})

test('an image: everything below --root, no command, and init once more changes nothing', async (t) => {
  const { directory, run } = setUpBox(t)
  const root = join(directory, 'image')
  const options = {
    root,
    writesSystem: true,
    config: join(root, 'etc/haup/haup.yaml'),
    manifest: join(root, 'var/lib/haup/init-manifest.json'),
  }
  const wishes = { 'systemd-unit': 'write', 'nonlocal-bind': 'yes', 'health-location': 'write', pool: '192.168.2.2' }
  const first = await run({ ...GIVEN, ...wishes }, { options })
  assert.deepEqual([first.result.outcome, first.result.next_steps], ['written', []])
  const below = readdirSync(root, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
  const paths = below.map(({ parentPath, name }) => join(parentPath, name).slice(root.length)).toSorted()
  assert.deepEqual(paths, [
    '/etc/haup/cluster.key',
    '/etc/haup/haup.yaml',
    '/etc/nginx/conf.d/haup-health.conf',
    '/etc/nginx/conf.d/haup-upstream.conf',
    '/etc/sysctl.d/60-haup.conf',
    '/etc/systemd/system/haup.service',
    '/var/lib/haup/init-manifest.json',
  ])
  assert.match(readFileSync(join(root, '/etc/haup/haup.yaml'), 'utf8'), /url: "http:\/\/127.0.0.1:8098\/haup-health"/)
  assert.match(readFileSync(join(root, '/etc/systemd/system/haup.service'), 'utf8'), /^ExecStart=\/usr\/bin\/haup up$/m)
  const again = await run({ ...GIVEN, ...wishes }, { options })
  assert.equal(again.result.outcome, 'unchanged')
})
