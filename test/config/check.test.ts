import assert from 'node:assert/strict'
import { test } from 'node:test'
import { problemsOf, VALID } from './fixture.ts'

/** Cross checks: lines replaced in the valid file, then the one problem that must come of it. */
type Case = readonly [
  what: string,
  edits: readonly (readonly [from: string | RegExp, to: string])[],
  severity: 'error' | 'warning',
  path: string,
  message: RegExp,
  remedy?: RegExp,
]

const v2: readonly [string | RegExp, string] = [
  /version: 3([\s\S]*?) {4}checksum:[\s\S]*?accept: both\n/,
  'version: 2$1',
]
const release: readonly [string | RegExp, string] = [/- service: web\n[\s\S]*?60\n/, '- web\n']
const owner: readonly [string | RegExp, string] = ['web1: 150', 'web1: 255']

const CASES: readonly Case[] = [
  [
    'adverts too fast to be fenced',
    [['advert_interval: 1s', 'advert_interval: 90ms']],
    'warning',
    'instances.www.advert_interval',
    /90ms are too fast to be fenced/,
    /100ms or more, or gate: off/,
  ],
  ['one address for two nodes', [['.12', '.11']], 'error', 'nodes.web2.address', /of web1 too/],
  ['no instance', [[/\n {2}www:[\s\S]*\nservices/, ' {}\nservices']], 'error', 'instances', /no instance/],
  ['a priority missing', [[/ {6}web2: 100\n/, '']], 'error', 'instances.www.priority', /no priority for the node web2/],
  [
    'a priority for nobody',
    [['web2: 100', 'web2: 100\n      wbe2: 90']],
    'error',
    'instances.www.priority.wbe2',
    /no node/,
    /mean web2/,
  ],
  [
    'equal priorities',
    [['web1: 150', 'web1: 100'], release],
    'warning',
    'instances.www.priority.web2',
    /100 .* of web1 too/,
  ],
  ['two owners', [owner, ['web2: 100', 'web2: 255'], release], 'error', 'instances.www.priority.web2', /second owner/],
  ['an owner who waits', [owner, ['delay: 0s', 'delay: 5s'], release], 'error', 'instances.www.preempt_delay', /owner/],
  [
    'an owner who does not preempt',
    [owner, ['preempt: true', 'preempt: false'], release],
    'error',
    'instances.www.preempt',
    /owner/,
  ],
  [
    'a delay without preemption',
    [['preempt: true', 'preempt: false'], ['delay: 0s', 'delay: 5s'], release],
    'warning',
    'instances.www.preempt_delay',
    /no effect/,
  ],
  [
    'VRRPv2 below a second',
    [v2, ['interval: 1s', 'interval: 300ms']],
    'error',
    'instances.www.advert_interval',
    /whole seconds only, not 300ms/,
    /write 1s, or version: 3/,
  ],
  [
    'VRRPv2 between seconds',
    [v2, ['interval: 1s', 'interval: 2.6s']],
    'error',
    'instances.www.advert_interval',
    /whole seconds/,
    /write 3s/,
  ],
  [
    'VRRPv3 beyond 12 bits',
    [['interval: 1s', 'interval: 41s']],
    'error',
    'instances.www.advert_interval',
    /up to 40.95s/,
  ],
  [
    'VRRPv3 between steps',
    [['interval: 1s', 'interval: 15ms']],
    'error',
    'instances.www.advert_interval',
    /steps of 10ms/,
    /write 20ms/,
  ],
  [
    'a password with VRRPv3',
    [['version: 3', 'version: 3\n    password_file: p']],
    'error',
    'instances.www.password_file',
    /VRRPv3 has no passwords/,
    /version: 2/,
  ],
  [
    'a checksum form with VRRPv2',
    [['version: 3', 'version: 2']],
    'error',
    'instances.www.checksum',
    /VRRPv2 has one form/,
  ],
  [
    'adverts that the others discard',
    [
      ['send: pseudo', 'send: message'],
      ['accept: both', 'accept: pseudo'],
    ],
    'error',
    'instances.www.checksum.accept',
    /discard each other/,
    /message, or both/,
  ],
  [
    'an address twice',
    [['192.0.2.101/32', '192.0.2.100/32']],
    'error',
    'instances.www.virtual_addresses[1]',
    /in this list twice/,
  ],
  [
    'the address of a node',
    [['192.0.2.100/24', '192.0.2.12/24']],
    'error',
    'instances.www.virtual_addresses[0]',
    /own address of web2/,
    /free address/,
  ],
  [
    'an address outside',
    [['192.0.2.100/24', '198.51.100.1/24']],
    'warning',
    'instances.www.virtual_addresses[0]',
    /outside the subnet of web1 and web2/,
  ],
  [
    'the label of another interface',
    [['"eth1:1"', '"eth0:1"']],
    'error',
    'instances.www.virtual_addresses[1].label',
    /begin with "eth1:"/,
    /eth1:1/,
  ],
  [
    'a service that is not',
    [
      ['service: web', 'service: wbe'],
      ['\n  web:\n    probes', '\n  web:\n    probes'],
    ],
    'error',
    'instances.www.track[0].service',
    /no service/,
    /mean web/,
  ],
  [
    'lowering without preemption',
    [['preempt: true', 'preempt: false']],
    'error',
    'instances.www.track[0].on_failure.lower_priority',
    /never move the address: with preempt: false/,
    /release/,
  ],
  [
    'lowering too little',
    [['lower_priority: 60', 'lower_priority: 50']],
    'error',
    'instances.www.track[0].on_failure.lower_priority',
    /web1 would have 100, still not below the 100 of web2/,
    /at least 51/,
  ],
  ['lowering an owner', [owner], 'error', 'instances.www.track[0].on_failure.lower_priority', /web1 is the owner/],
  [
    'lowering below the floor',
    [['web2: 100', 'web2: 2']],
    'error',
    'instances.www.track[0].on_failure.lower_priority',
    /nobody gets below the 2/,
    /at least 3/,
  ],
  ['a long timeout', [['timeout: 1s', 'timeout: 10s']], 'warning', 'services.web.timeout', /hangs is seen after 22s/],
  [
    'a budget that is never used up',
    [['settle: 3s', 'settle: 30s']],
    'error',
    'services.web.restart_budget',
    /never used up/,
    /2 within 61s/,
  ],
  [
    'a budget of nothing',
    [['2 within 60s', '0 within 60s']],
    'warning',
    'services.web.restart_budget',
    /no restart at all/,
  ],
  [
    'two forms of a body',
    [['body: ok', "body: ok\n          body_regex: 'k'"]],
    'error',
    'services.web.probes[1].http.body_regex',
    /beside body/,
  ],
  [
    'TLS options without TLS',
    [
      ['https://', 'http://'],
      ['sni: example.org\n', 'status: [200]\n'],
      [/ {10}status: \[200-399\]\n/, ''],
    ],
    'error',
    'services.web.probes[1].http.ca',
    /https only/,
  ],
  [
    'two kinds of a probe',
    [['  host: 127.0.0.1', '  host: 127.0.0.1\n        process: {pid_file: /x}']],
    'error',
    'services.web.probes[0]',
    /tcp and process/,
  ],
  [
    'a command that cannot replace a hung server',
    [['unit: nginx.service', 'argv: [/usr/sbin/nginx]']],
    'warning',
    'services.web.restart',
    /no pid_file: a server that hangs keeps its port/,
    /add pid_file/,
  ],
  [
    'a pid file beside a unit',
    [['unit: nginx.service', 'unit: nginx.service\n      pid_file: /x']],
    'error',
    'services.web.restart.pid_file',
    /argv only/,
  ],
]

for (const [what, edits, severity, path, message, remedy] of CASES) {
  test(what, () => {
    const text = edits.reduce((edited, [from, to]) => edited.replace(from, to), VALID)
    assert.notEqual(text, VALID)
    const found = problemsOf(text).filter((problem) => problem.path === path)
    assert.equal(found.length, 1, JSON.stringify(problemsOf(text), undefined, 1))
    assert.equal(found[0]?.severity, severity)
    assert.match(found[0]?.message ?? '', message)
    assert.ok(found[0]?.remedy !== undefined)
    if (remedy !== undefined) assert.match(found[0].remedy, remedy)
  })
}
