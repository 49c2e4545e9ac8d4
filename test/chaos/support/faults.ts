import type { Box } from '../../../src/lab/box.ts'
import {
  blockPort,
  bringInterfaceUp,
  darkenPort,
  dropAdverts,
  lightPort,
  passAdverts,
  takeInterfaceDown,
  unblockPort,
} from '../../../src/lab/faults.ts'
import type { Lab } from '../../../src/lab/lab.ts'
import { inNamespace, ipBatch, runProgram } from '../../../src/lab/run.ts'
import { type Host, INTERFACE } from '../../../src/lab/topology.ts'
import { VIP } from '../../e2e/support/config.ts'
import type { Engines } from './engines.ts'
import type { FaultKind } from './plan.ts'
import type { Storms } from './storms.ts'

/** Comes and goes with a reload. */
export const SECOND_VIP = '192.0.2.101'

/** How each fault is done and put right again; every step may find the box in any state. */
export type Doing = {
  readonly begin: (at: Place) => Promise<unknown>
  readonly end: (at: Place) => Promise<unknown>
}

export type Place = {
  readonly lab: Lab
  readonly box: Box
  readonly engines: Engines
  /** Removals of the virtual address that go on. */
  readonly storms: Storms
  /** Writes the box's configuration, with these virtual addresses beside the usual one. */
  readonly configure: (box: Box, more: readonly string[]) => Promise<void>
}

const nothing = async (): Promise<void> => undefined
const ownAddress = ({ address }: Host) => `addr replace ${address}/24 dev ${INTERFACE}`
const giveAddress = ({ host }: Box) => ipBatch(host.namespace, [ownAddress(host)])
const deleteAddress = (at: Place) => inBox(at, 'ip', 'addr', 'del', `${VIP}/24`, 'dev', INTERFACE)

async function readdress({ engines, box, configure }: Place, more: readonly string[]): Promise<void> {
  await configure(box, more)
  await engines.command(box, 'reload')
}

const inBox = ({ box }: Place, ...argv: readonly string[]) => runProgram(inNamespace(box.host.namespace, argv))

export const DOINGS: Readonly<Record<FaultKind, Doing>> = {
  kill: { begin: ({ engines, box }) => engines.kill(box), end: ({ engines, box }) => engines.start(box) },
  freeze: { begin: ({ engines, box }) => engines.freeze(box), end: ({ engines, box }) => engines.thaw(box) },
  stop: { begin: ({ engines, box }) => engines.stop(box), end: ({ engines, box }) => engines.start(box) },
  dark: {
    begin: ({ lab, box }) => darkenPort(lab.topology, box.host),
    end: ({ lab, box }) => lightPort(lab.topology, box.host),
  },
  blocked: {
    begin: ({ lab, box }) => blockPort(lab.topology, box.host),
    end: ({ lab, box }) => unblockPort(lab.topology, box.host),
  },
  'interface-down': {
    begin: ({ box }) => takeInterfaceDown(box.host),
    end: ({ box }) => bringInterfaceUp(box.host),
  },
  'adverts-in': { begin: ({ box }) => dropAdverts(box.host, ['in']), end: ({ box }) => passAdverts(box.host) },
  'adverts-out': { begin: ({ box }) => dropAdverts(box.host, ['out']), end: ({ box }) => passAdverts(box.host) },
  'adverts-both': { begin: ({ box }) => dropAdverts(box.host, ['in', 'out']), end: ({ box }) => passAdverts(box.host) },
  'nft-flush': { begin: (at) => inBox(at, 'nft', 'flush', 'ruleset'), end: nothing },
  'nginx-kill': { begin: ({ box }) => box.nginx.signal('SIGKILL'), end: nothing },
  'nginx-break': {
    begin: async ({ box }) => {
      await box.nginx.breakConfig()
      await box.nginx.signal('SIGKILL')
    },
    end: ({ box }) => box.nginx.repairConfig(),
  },
  'nginx-hang': { begin: ({ box }) => box.nginx.signal('SIGSTOP'), end: ({ box }) => box.nginx.signal('SIGCONT') },
  'nginx-500': { begin: ({ box }) => box.nginx.answer500(), end: ({ box }) => box.nginx.answerNormally() },
  'address-del': { begin: deleteAddress, end: nothing },
  'address-storm': {
    begin: async (at) => at.storms.begin(at.box.name, () => deleteAddress(at)),
    end: ({ storms, box }) => storms.end(box.name),
  },
  'address-flush': {
    begin: (at) => inBox(at, 'ip', 'addr', 'flush', 'dev', INTERFACE),
    end: ({ box }) => giveAddress(box),
  },
  'address-flush-back': {
    begin: ({ box: { host } }) => ipBatch(host.namespace, [`addr flush dev ${INTERFACE}`, ownAddress(host)]),
    end: nothing,
  },
  failover: { begin: ({ engines, box }) => engines.command(box, 'failover'), end: nothing },
  reload: { begin: ({ engines, box }) => engines.command(box, 'reload'), end: nothing },
  'reload-addresses': { begin: (at) => readdress(at, [`${SECOND_VIP}/24`]), end: (at) => readdress(at, []) },
}

/** Everything as it was at the beginning, whatever was done. */
export async function healAll({ lab, engines, storms, configure }: Omit<Place, 'box'>): Promise<void> {
  for (const box of lab.boxes) {
    await lightPort(lab.topology, box.host)
    await unblockPort(lab.topology, box.host)
    await bringInterfaceUp(box.host)
    await passAdverts(box.host)
    await storms.end(box.name)
    await giveAddress(box)
    await configure(box, [])
    await engines.thaw(box)
    await box.nginx.repairConfig()
    await box.nginx.answerNormally()
    await box.nginx.signal('SIGCONT')
    // An engine may start it at this moment too: then this one finds the port in use.
    if ((await box.nginx.pid()) === undefined) await runProgram(inNamespace(box.host.namespace, box.nginx.startArgv))
    await engines.start(box)
  }
  await engines.commandsDone()
  // A hand-over outlives the engine.
  for (const box of lab.boxes) {
    await engines.insist(box, 'failover', '--back')
    await engines.insist(box, 'reload')
  }
}
