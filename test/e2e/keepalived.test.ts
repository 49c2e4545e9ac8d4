import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { test } from 'node:test'
import type { Box } from '../../src/lab/box.ts'
import { buildLab, type Lab } from '../../src/lab/lab.ts'
import type { LabProcess } from '../../src/lab/process.ts'
import { configure, VIP } from './support/config.ts'
import {
  ENTERED_BACKUP,
  ENTERED_MASTER,
  type Keepalived,
  type KeepalivedOptions,
  startKeepalived,
} from './support/keepalived.ts'
import { entered, untilHolders } from './support/pair.ts'

/** haup and Debian's keepalived as one pair; keepalived's own log is the witness. */

const VRID = 77
const PASSWORD = 'k33p-it'

type Dialect = { readonly name: string; readonly version: 2 | 3; readonly interval: string; readonly password?: string }

const DIALECTS: readonly Dialect[] = [
  { name: 'VRRPv2 with a password', version: 2, interval: '1s', password: PASSWORD },
  { name: 'VRRPv3', version: 3, interval: '100ms' },
]

for (const dialect of DIALECTS) {
  test(`${dialect.name}: keepalived is master, haup its backup, both ways and back`, async () => {
    await using mixed = await startMixed(dialect)
    const keepalived = await mixed.startKeepalived(200)
    await keepalived.log.until(ENTERED_MASTER)
    const haup = mixed.startHaup()
    await haup.log.until(entered('BACKUP'))
    const client = mixed.lab.startClient(VIP)
    await client.servedBy('peer', 0)

    await keepalived.stop()
    await haup.log.until(/"to":"MASTER","cause":"master-released"/)
    await client.servedBy('web1', 0)

    const again = await mixed.startKeepalived(200)
    await again.log.until(ENTERED_MASTER)
    await haup.log.until(/"to":"BACKUP","cause":"higher-priority"/)
    await untilHolders(mixed.lab, ['peer'])

    await again.killSilently()
    await haup.log.until(/"to":"MASTER","cause":"master-down"/)
    assert.deepEqual(await rejected(mixed.web1), {})
  })

  test(`${dialect.name}: haup is master, keepalived its backup, both ways and back`, async () => {
    await using mixed = await startMixed(dialect)
    const haup = mixed.startHaup()
    await haup.log.until(entered('MASTER'))
    const keepalived = await mixed.startKeepalived(100)
    await keepalived.log.until(ENTERED_BACKUP)
    const client = mixed.lab.startClient(VIP)
    await client.servedBy('web1', 0)

    assert.deepEqual(await haup.stop(), { code: 0, signal: undefined })
    await keepalived.log.until(ENTERED_MASTER)
    await client.servedBy('peer', 0)
    await untilHolders(mixed.lab, ['peer'])

    const seen = keepalived.log.position()
    const again = mixed.startHaup()
    await again.log.until(/"to":"MASTER","cause":"preempted"/)
    await keepalived.log.until(ENTERED_BACKUP, { after: seen })
    await untilHolders(mixed.lab, ['web1'])

    again.signal('SIGKILL')
    await keepalived.log.until(ENTERED_MASTER, { after: seen })
  })
}

test('keepalived with another password and haup do not hear each other, and haup says why', async () => {
  await using mixed = await startMixed({ name: 'v2', version: 2, interval: '1s', password: 'another' })
  await mixed.startKeepalived(200)
  const haup = mixed.startHaup()
  await haup.log.until(/"code":"vrrp.rejected.auth-data"/)
  await haup.log.until(entered('MASTER'))
  assert.ok(((await rejected(mixed.web1))['auth-data'] ?? 0) > 0)
})

type Mixed = AsyncDisposable & {
  readonly lab: Lab
  readonly web1: Box
  readonly startHaup: () => LabProcess
  readonly startKeepalived: (priority: number) => Promise<Keepalived>
}

/** Boxes web1 (haup, priority 150) and peer (keepalived), nothing started. */
async function startMixed({ version, interval, password }: Dialect): Promise<Mixed> {
  const lab = await buildLab({ boxes: ['web1', 'peer'], others: ['client'] })
  const web1 = lab.box('web1')
  const secret = password === undefined ? {} : { password_file: 'vrrp.pass' }
  await configure(lab, { instance: { version, advert_interval: interval, vrid: VRID, ...secret } })
  await writeFile(join(dirname(web1.configFile), 'vrrp.pass'), `${PASSWORD}\n`, { mode: 0o600 })
  const advertInterval = version === 2 ? 1 : 0.1
  const common: Omit<KeepalivedOptions, 'priority'> = {
    version,
    vrid: VRID,
    advertInterval,
    address: VIP,
    preempt: true,
  }
  return {
    lab,
    web1,
    startHaup: web1.startEngine,
    startKeepalived: (priority) =>
      startKeepalived(lab.host('peer'), lab.directory, {
        ...common,
        priority,
        ...(password === undefined ? {} : { password }),
      }),
    [Symbol.asyncDispose]: lab[Symbol.asyncDispose],
  }
}

const rejected = async (box: Box): Promise<Readonly<Record<string, number>>> =>
  (await box.status()).instances[0]?.counters.rejected ?? {}
