import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { NetlinkReply } from '../../../src/engine/io/netlink-exchange.ts'
import type { KernelAddress } from '../../../src/engine/io/rtnetlink.ts'
import { createAddressPort } from '../../../src/engine/vip/addresses.ts'
import type { Interfaces } from '../../../src/engine/vip/interfaces.ts'
import type { AddressKernel } from '../../../src/engine/vip/kernel.ts'
import { UserError } from '../../../src/shared/errors.ts'
import { formatPrefix } from '../../../src/shared/ip.ts'
import { ok, type Result } from '../../../src/shared/result.ts'
import { bound } from './support.ts'

/** Kernels that the machine at hand is not: one before 5.18, one that refuses, one that says yes and does nothing. */

type Traits = { readonly keepsProtocol?: boolean; readonly refuses?: string; readonly lies?: boolean }

type FakeKernel = AddressKernel & {
  readonly shown: () => readonly string[]
  readonly set: (address: KernelAddress) => void
}

function fakeKernel({ keepsProtocol = true, refuses, lies = false }: Traits): FakeKernel {
  let table: readonly KernelAddress[] = []
  const answer = (change: () => void): NetlinkReply => {
    if (refuses !== undefined) return { ok: false, error: { code: refuses, message: `the kernel refused: ${refuses}` } }
    if (!lies) change()
    return ok([])
  }
  const same = (a: KernelAddress, b: KernelAddress): boolean =>
    formatPrefix(a.address) === formatPrefix(b.address) && a.label === b.label
  return {
    list: async () => ok(table),
    add: async (addresses) =>
      addresses.map(({ ownRoute: _, ...each }) =>
        answer(() => {
          table = [...table, { ...each, protocol: keepsProtocol ? each.protocol : 0, secondary: false }]
        }),
      ),
    remove: async (addresses) =>
      addresses.map((gone) =>
        answer(() => {
          table = table.filter((each) => !same(each, gone))
        }),
      ),
    limit: async (addresses) => addresses.map(() => answer(() => undefined)),
    mark: async (addresses) => addresses.map(() => answer(() => undefined)),
    withhold: async (addresses) => addresses.map(() => answer(() => undefined)),
    giveBack: async () => [],
    promote: async (indexes) => indexes.map(() => answer(() => undefined)),
    unpromote: async () => undefined,
    close: () => undefined,
    shown: () => table.map((each) => `${formatPrefix(each.address)} ${each.label}`),
    set: (address) => {
      table = [...table, address]
    },
  }
}

const interfaces: Interfaces = { indexOf: () => ok(2), nameOf: () => 'e0' }

const errorOf = (result: Result<void, string>): string | undefined => (result.ok ? undefined : result.error)

const own: KernelAddress = { ...bound('192.0.2.11/24'), interfaceIndex: 2, label: 'e0', protocol: 0, secondary: false }

test('a kernel that keeps no protocol gets the mark as a label', async () => {
  const kernel = fakeKernel({ keepsProtocol: false })
  kernel.set(own)
  const port = createAddressPort(kernel, interfaces)
  assert.deepEqual(await port.apply('www', [bound('192.0.2.100/32'), bound('192.0.2.101/32', 'e0:1')]), ok(undefined))
  assert.deepEqual(kernel.shown(), ['192.0.2.11/24 e0', '192.0.2.100/32 e0:haup', '192.0.2.101/32 e0:haup'])
  assert.deepEqual(await port.apply('www', [bound('192.0.2.101/32', 'e0:1')]), ok(undefined))
  const nextLife = createAddressPort(kernel, interfaces)
  assert.deepEqual(await nextLife.cleanup(), [bound('192.0.2.101/32', 'e0:haup')])
  assert.deepEqual(kernel.shown(), ['192.0.2.11/24 e0'])
})

test('a kernel that says yes and does nothing is found out', async () => {
  const kernel = fakeKernel({ lies: true })
  const port = createAddressPort(kernel, interfaces)
  assert.equal(
    errorOf(await port.apply('www', [bound('192.0.2.100/32')])),
    '192.0.2.100/32 is not on e0 after it was added',
  )
  kernel.set({ ...own, ...bound('192.0.2.100/32'), label: 'e0', protocol: 72 })
  assert.equal(errorOf(await port.apply('www', [])), '192.0.2.100/32 is still on e0 after it was removed')
  await assert.rejects(port.cleanup(), isCleanupError(/cannot remove 192\.0\.2\.100 on e0: the kernel kept them/))
})

test('a missing capability is named', async () => {
  const kernel = fakeKernel({ refuses: 'EPERM' })
  const port = createAddressPort(kernel, interfaces)
  assert.equal(
    errorOf(await port.apply('www', [bound('192.0.2.100/32')])),
    'cannot add 192.0.2.100/32 to e0: EPERM: haup needs the capability CAP_NET_ADMIN',
  )
  kernel.set({ ...own, ...bound('192.0.2.100/32'), label: 'e0', protocol: 72 })
  await assert.rejects(port.cleanup(), isCleanupError(/EPERM/))
})

test('an address that could take the box’s own along is not added where that cannot be prevented', async () => {
  const kernel = fakeKernel({})
  const port = createAddressPort(
    {
      ...kernel,
      promote: async () => [{ ok: false, error: { code: 'EINVAL', message: 'the kernel refused: EINVAL' } }],
    },
    interfaces,
  )
  assert.equal(
    errorOf(await port.apply('www', [bound('192.0.2.100/24')])),
    'cannot set promote_secondaries: the kernel refused: EINVAL',
  )
  assert.deepEqual(kernel.shown(), [])
})

test('when the kernel does not answer, that is the error, and the next call is served', async () => {
  const kernel = fakeKernel({})
  let silent = true
  const port = createAddressPort(
    {
      ...kernel,
      list: async () =>
        silent ? { ok: false, error: { code: 'ETIMEDOUT', message: 'no answer within 2000 ms' } } : kernel.list(),
    },
    interfaces,
  )
  assert.equal(errorOf(await port.apply('www', [])), 'cannot read the addresses: no answer within 2000 ms')
  await assert.rejects(port.cleanup(), isCleanupError(/no answer/))
  silent = false
  assert.deepEqual(await port.apply('www', [bound('192.0.2.100/32')]), ok(undefined))
})

test('addresses are read for the first renewal, and again after a change and when the kernel refuses', async () => {
  const kernel = fakeKernel({})
  let reads = 0
  let refuses = false
  const refused: NetlinkReply = { ok: false, error: { code: 'EINVAL', message: 'the kernel refused: EINVAL' } }
  const port = createAddressPort(
    {
      ...kernel,
      list: () => {
        reads += 1
        return kernel.list()
      },
      limit: async (addresses, seconds) => (refuses ? [refused] : kernel.limit(addresses, seconds)),
    },
    interfaces,
  )
  const readsOf = async (action: () => Promise<Result<void, string>>): Promise<number> => {
    const before = reads
    await action()
    return reads - before
  }
  const renew = () => port.renew('www', 5)
  await port.apply('www', [bound('192.0.2.100/32')])
  assert.deepEqual([await readsOf(renew), await readsOf(renew), await readsOf(renew)], [1, 0, 0])
  await port.apply('api', [bound('192.0.2.101/32')])
  assert.deepEqual([await readsOf(renew), await readsOf(renew)], [1, 0])
  refuses = true
  assert.equal(errorOf(await renew()), 'cannot limit a lifetime: the kernel refused: EINVAL')
  refuses = false
  assert.deepEqual([await readsOf(renew), await readsOf(renew)], [1, 0])
})

const isCleanupError = (message: RegExp) => (thrown: unknown) =>
  thrown instanceof UserError && thrown.code === 'vip.cleanup' && message.test(thrown.message)
