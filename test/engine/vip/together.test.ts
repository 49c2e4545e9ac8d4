import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { NetlinkReply } from '../../../src/engine/io/netlink-exchange.ts'
import type { KernelAddress } from '../../../src/engine/io/rtnetlink.ts'
import { createAddressPort } from '../../../src/engine/vip/addresses.ts'
import type { Interfaces } from '../../../src/engine/vip/interfaces.ts'
import type { AddressKernel } from '../../../src/engine/vip/kernel.ts'
import { HAUP_PROTOCOL } from '../../../src/engine/vip/tag.ts'
import { createTurns } from '../../../src/engine/vip/turns.ts'
import { formatPrefix } from '../../../src/shared/ip.ts'
import { ok } from '../../../src/shared/result.ts'
import { bound } from './support.ts'

const EXISTS: NetlinkReply = { ok: false, error: { code: 'EEXIST', message: 'the kernel refused: EEXIST' } }
const REFUSED: NetlinkReply = { ok: false, error: { code: 'EPERM', message: 'the kernel refused: EPERM' } }

/** Notes each call; refuses to add what is in `bad`, and has lost what is in `gone`. */
function stage({
  bad = [],
  keepsProtocol = true,
}: {
  readonly bad?: readonly string[]
  readonly keepsProtocol?: boolean
}) {
  let table: readonly KernelAddress[] = []
  /** Who else sets the address with the next call, just before or after haup does. */
  const others = new Map<string, 'before' | 'after'>()
  const calls: string[] = []
  const keyOf = ({ address }: Pick<KernelAddress, 'address'>): string => formatPrefix(address)
  const kernel: AddressKernel = {
    list: async () => {
      calls.push('list')
      return ok(table)
    },
    add: async (addresses) => {
      if (addresses.length > 0) calls.push(`add ${addresses.length}`)
      return addresses.map(({ ownRoute: _, ...each }) => {
        if (bad.includes(keyOf(each))) return REFUSED
        const other = others.get(keyOf(each))
        if (other === 'before' || other === 'after') {
          table = [...table, { ...each, protocol: 0, secondary: false }]
          return other === 'before' ? EXISTS : ok([])
        }
        table = [...table, { ...each, protocol: keepsProtocol ? each.protocol : 0, secondary: false }]
        return ok([])
      })
    },
    remove: async (addresses) => {
      if (addresses.length > 0) calls.push(`remove ${addresses.length}`)
      const keys = new Set(addresses.map(keyOf))
      table = table.filter((each) => !keys.has(keyOf(each)))
      return addresses.map(() => ok([]))
    },
    limit: async (addresses, seconds) => {
      calls.push(`limit ${addresses.length} to ${seconds} s`)
      return addresses.map((each) => (table.some((other) => keyOf(other) === keyOf(each)) ? ok([]) : REFUSED))
    },
    mark: async (addresses) => {
      calls.push(`mark ${addresses.length}`)
      const keys = new Set(addresses.map(keyOf))
      table = table.map((each) => (keys.has(keyOf(each)) ? { ...each, protocol: HAUP_PROTOCOL } : each))
      return addresses.map(() => ok([]))
    },
    withhold: async () => assert.fail('nothing to withhold'),
    giveBack: async () => [],
    promote: async () => [],
    unpromote: async () => undefined,
    close: () => undefined,
  }
  const interfaces: Interfaces = { indexOf: () => ok(2), nameOf: () => 'e0' }
  const port = createAddressPort(kernel, interfaces)
  const take = (): readonly string[] => calls.splice(0)
  return {
    port,
    take,
    shown: () => table.map(keyOf),
    marked: () => table.filter(({ protocol }) => protocol === HAUP_PROTOCOL).map(keyOf),
    race: (prefix: string, other: 'before' | 'after') => others.set(prefix, other),
    lose: (prefix: string) => {
      table = table.filter((each) => keyOf(each) !== prefix)
    },
  }
}

const address = (at: number) => `10.0.0.${at + 10}/32`
const owners = Array.from({ length: 8 }, (_, at) => ({ owner: `i${at}`, desired: [bound(address(at))] }))

test('owners that bind, renew, look and let go at a time cost what one costs', async () => {
  const { port, take, shown } = stage({})
  const all = await Promise.all(owners.map(({ owner, desired }) => port.apply(owner, desired)))
  assert.ok(all.every((each) => each.ok))
  assert.deepEqual(take(), ['list', 'add 8', 'list'])
  assert.equal(shown().length, 8)
  const renewAll = () => Promise.all(owners.map(({ owner }, at) => port.renew(owner, at < 4 ? 5 : 9)))
  assert.ok((await renewAll()).every((each) => each.ok))
  take()
  assert.ok((await renewAll()).every((each) => each.ok))
  assert.deepEqual(take(), ['limit 4 to 5 s', 'limit 4 to 9 s'])
  const missing = await Promise.all(owners.map(({ desired }) => port.missing(desired)))
  assert.ok(missing.every((each) => each.ok && each.value.length === 0))
  assert.deepEqual(take(), ['list'])
  const gone = await Promise.all(owners.map(({ owner }) => port.apply(owner, [])))
  assert.ok(gone.every((each) => each.ok))
  assert.deepEqual(take(), ['list', 'remove 8', 'list'])
  assert.deepEqual(shown(), [])
})

test('whom the kernel refuses is told so, and the others are served', async () => {
  const { port, shown } = stage({ bad: [address(3)] })
  const all = await Promise.all(owners.map(({ owner, desired }) => port.apply(owner, desired)))
  assert.deepEqual(
    all.flatMap((each, at) => (each.ok ? [] : [at])),
    [3],
  )
  assert.match(all[3]?.ok === false ? all[3].error : '', /cannot add 10.0.0.13\/32 to e0: EPERM/)
  assert.equal(shown().length, 7)
})

test('a kernel that keeps no protocol has them with the label, also of many', async () => {
  const { port, shown } = stage({ keepsProtocol: false })
  const all = await Promise.all(owners.map(({ owner, desired }) => port.apply(owner, desired)))
  assert.ok(all.every((each) => each.ok))
  assert.equal(shown().length, 8)
})

test('one that is gone is not renewed, and missed alone', async () => {
  const { port, lose } = stage({})
  await Promise.all(owners.map(({ owner, desired }) => port.apply(owner, desired)))
  await Promise.all(owners.map(({ owner }) => port.renew(owner, 5)))
  lose(address(2))
  assert.ok((await Promise.all(owners.map(({ owner }) => port.renew(owner, 5)))).every((each) => each.ok))
  const missing = await Promise.all(owners.map(({ desired }) => port.missing(desired)))
  assert.deepEqual(
    missing.flatMap((each, at) => (each.ok && each.value.length > 0 ? [at] : [])),
    [2],
  )
})

test('an address that goes from one owner to another at a time stays', async () => {
  const { port, take, shown } = stage({})
  assert.ok((await port.apply('old', [bound(address(1))])).ok)
  take()
  const both = await Promise.all([port.apply('old', []), port.apply('new', [bound(address(1))])])
  assert.ok(both.every((each) => each.ok))
  assert.deepEqual(shown(), [address(1)])
})

test('calls of one owner keep their order, and what has no owner its place', async () => {
  const turns = createTurns()
  const served: string[] = []
  const kind = (name: string) =>
    turns.together(async (jobs: readonly string[]) => {
      served.push(`${name} ${jobs.join(' ')}`)
      return jobs
    })
  const [bind, look] = [kind('bind'), kind('look')]
  await Promise.all([
    bind('a', 'a'),
    look('b', 'b'),
    bind('b', 'b'),
    bind('c', 'c'),
    look(undefined, 'all'),
    bind('d', 'd'),
    turns.alone(async () => served.push('alone')),
    bind('e', 'e'),
  ])
  assert.deepEqual(served, ['bind a c', 'look b', 'bind b', 'look all', 'bind d', 'alone', 'bind e'])
  const wrong = turns.together(async (): Promise<readonly string[]> => {
    throw new Error('a bug')
  })
  await assert.rejects(wrong('a', undefined), /a bug/)
  assert.equal(await bind('a', 'goes on'), 'goes on')
})

for (const other of ['before', 'after'] as const)
  test(`who took an address away puts it back just ${other} haup does: it is haup's again`, async () => {
    const { port, lose, race, shown, marked } = stage({})
    const desired = [bound(address(0))]
    await port.apply('www', desired)
    lose(address(0))
    race(address(0), other)
    assert.ok((await port.apply('www', desired)).ok)
    assert.deepEqual([shown(), marked()], [[address(0)], [address(0)]])
    assert.deepEqual(await port.missing(desired), ok([]))
    await port.apply('www', [])
    assert.deepEqual(shown(), [])
  })
