import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { test } from 'node:test'
import { createPair, type Namespace } from '../../support/netns.ts'
import { openBox } from './boxes.ts'

/** What the LAN says before anything is written, with a real keepalived on it. */

const KEEPALIVED = `vrrp_instance VI_1 {
  state MASTER
  interface e0
  virtual_router_id 51
  priority 130
  advert_int 1
  virtual_ipaddress { 192.0.2.100/24 }
}
`

/** Returns when it is master and holds the address. */
async function startKeepalived(box: Namespace) {
  const directory = mkdtempSync(join(tmpdir(), 'haup-keepalived-'))
  const file = join(directory, 'keepalived.conf')
  writeFileSync(file, KEEPALIVED)
  const pids = ['-p', join(directory, 'pid'), '-r', join(directory, 'vrrp.pid')]
  const child = spawn('ip', ['netns', 'exec', box.name, 'keepalived', '-n', '-l', '-P', '-f', file, ...pids], {
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  for await (const line of createInterface({ input: child.stderr })) if (line.includes('Entering MASTER STATE')) break
  return {
    [Symbol.asyncDispose]: async () => {
      child.kill('SIGTERM')
      await once(child, 'close')
      rmSync(directory, { recursive: true })
    },
  }
}

test('an address that is held and a VRID that is used are told with who it is, and nothing is claimed', async () => {
  using pair = createPair()
  using box = openBox(pair.a)
  await using _keepalived = await startKeepalived(pair.b)
  const answers = ['--yes', '--peer-address', '192.0.2.13', '--vip', '192.0.2.100/24', '--restart', 'none']
  const ran = await box.init(...answers, '--vrid', '51', '--dry-run', '--json')
  assert.equal(ran.code, 0, ran.stderr)
  const { warnings } = JSON.parse(ran.stdout)
  const told = Object.fromEntries(
    warnings.map(({ code, message }: { code: string; message: string }) => [code, message]),
  )
  const router = '192\\.0\\.2\\.12 \\(VRID 51, VRRPv2, priority 130, 192\\.0\\.2\\.100\\)'
  assert.match(
    told['vip-answers'],
    new RegExp(`^192\\.0\\.2\\.100 answers on the LAN already: [0-9a-f:]{17}, held by ${router}$`),
  )
  assert.match(told['vrid-used'], new RegExp(`^VRID 51 is in use on this LAN by ${router}$`))
})

test('a free address and a free VRID: no warning', async () => {
  using pair = createPair()
  using box = openBox(pair.a)
  const answers = ['--yes', '--peer-address', '192.0.2.12', '--vip', '192.0.2.100/24', '--restart', 'none']
  const ran = await box.init(...answers, '--dry-run', '--json')
  assert.equal(ran.code, 0, ran.stderr)
  const { warnings } = JSON.parse(ran.stdout)
  const ofLan = warnings.filter(({ code }: { code: string }) => /^(vip|vrid|address|firewall|multicast)/.test(code))
  assert.deepEqual(ofLan, [])
})

test('a firewall that drops VRRP: the line that lets it in; applied, it works and is taken back', async () => {
  using pair = createPair()
  using box = openBox(pair.a)
  const rules = join(box.directory, 'rules.nft')
  writeFileSync(rules, 'table inet filter {\n chain input {\n type filter hook input priority 0; policy drop;\n }\n}\n')
  box.run('nft', '-f', rules)
  const answers = [
    '--yes',
    '--no-listen',
    '--peer-address',
    '192.0.2.12',
    '--vip',
    '192.0.2.100/24',
    '--restart',
    'none',
  ]
  const line = 'ip saddr 192.0.2.12 ip protocol vrrp accept'
  const printed = await box.init(...answers, '--vrid', '77')
  assert.match(printed.stderr, /warning: nftables drops VRRP/)
  assert.ok(printed.stdout.includes(`nft insert rule inet filter input ${line}`))
  assert.doesNotMatch(box.run('nft', 'list', 'ruleset'), /vrrp/)

  const applied = await box.init(...answers, '--firewall', 'apply')
  assert.equal(applied.code, 0, applied.stderr)
  assert.match(box.run('nft', 'list', 'ruleset'), /ip saddr 192\.0\.2\.12 ip protocol vrrp accept/)
  assert.equal((await box.init('--undo', '--yes')).code, 0)
  assert.doesNotMatch(box.run('nft', 'list', 'ruleset'), /vrrp/)
})
