import {
  blockPort,
  bringInterfaceUp,
  darkenPort,
  dropAdverts,
  lightPort,
  passAdverts,
  takeInterfaceDown,
  unblockPort,
} from '../../src/lab/faults.ts'
import { inNamespace, ipBatch, runOrThrow } from '../../src/lab/run.ts'
import { INTERFACE, PREFIX_LENGTH } from '../../src/lab/topology.ts'
import { VIP } from '../../test/e2e/support/config.ts'
import { healSplit, splitHosts } from '../../test/e2e/support/lines.ts'
import type { Contender } from './contender.ts'
import type { Goal } from './goals.ts'

/** What is done to web1, which holds the address, and how it is put right again. */
export type Scenario = {
  readonly title: string
  /** Resolves with the instant at which the fault began, where that is not when it is called. */
  readonly act: (pair: Contender) => Promise<unknown>
  /** Done after the time of `lasts`; what the client sees from then on is measured on its own. */
  readonly heal?: (pair: Contender) => Promise<unknown>
  /** `short`: until every take-over must have happened. */
  readonly lasts: 'fault' | 'half' | 'short'
  readonly goal: Goal
}

const nft = ({ web1 }: Contender, input: string) =>
  runOrThrow(inNamespace(web1.host.namespace, ['nft', '-f', '-']), { input })
const ip = ({ web1 }: Contender, ...commands: readonly string[]) => ipBatch(web1.host.namespace, commands)

export const SCENARIOS: readonly Scenario[] = [
  { title: 'engine killed', act: (pair) => pair.kill(pair.web1), lasts: 'short', goal: 'replaced-in-100ms' },
  {
    title: 'engine stopped, continued',
    act: (pair) => pair.freeze(pair.web1),
    heal: (pair) => pair.thaw(pair.web1),
    lasts: 'half',
    goal: 'heal-in-200ms',
  },
  {
    title: 'switch port dark, lit',
    act: ({ lab, web1 }) => darkenPort(lab.topology, web1.host),
    heal: ({ lab, web1 }) => lightPort(lab.topology, web1.host),
    lasts: 'fault',
    goal: 'heal-in-200ms',
  },
  {
    title: 'adverts dropped one way, passed',
    // On their way in: the sender's kernel does not tell it.
    act: ({ web2 }) => dropAdverts(web2.host, ['in']),
    heal: ({ web2 }) => passAdverts(web2.host),
    lasts: 'fault',
    goal: 'undisturbed',
  },
  {
    title: 'adverts dropped both ways, passed',
    act: ({ web1, web2 }) => Promise.all([web1, web2].map(({ host }) => dropAdverts(host, ['in']))),
    heal: ({ web1, web2 }) => Promise.all([web1, web2].map(({ host }) => passAdverts(host))),
    lasts: 'fault',
    goal: 'undisturbed',
  },
  {
    title: 'own firewall eats adverts, not',
    act: ({ web1 }) => dropAdverts(web1.host, ['in', 'out']),
    heal: ({ web1 }) => passAdverts(web1.host),
    lasts: 'half',
    goal: 'heal-in-200ms',
  },
  { title: 'planned stop', act: (pair) => pair.stop(pair.web1), lasts: 'short', goal: 'never-two' },
  {
    title: 'ip addr del VIP',
    act: (pair) => ip(pair, `addr del ${VIP}/24 dev ${INTERFACE}`),
    lasts: 'short',
    goal: 'none',
  },
  {
    title: 'ip addr flush, own address back',
    act: (pair) => ip(pair, `addr flush dev ${INTERFACE}`),
    heal: (pair) => ip(pair, `addr add ${pair.web1.host.address}/${PREFIX_LENGTH} dev ${INTERFACE}`),
    lasts: 'half',
    goal: 'heal-in-200ms',
  },
  {
    title: 'interface down, up',
    act: ({ web1 }) => takeInterfaceDown(web1.host),
    heal: ({ web1 }) => bringInterfaceUp(web1.host),
    lasts: 'half',
    goal: 'heal-in-200ms',
  },
  { title: 'nft flush ruleset', act: (pair) => nft(pair, 'flush ruleset\n'), lasts: 'short', goal: 'never-two' },
  { title: 'nginx killed', act: ({ web1 }) => web1.nginx.signal('SIGKILL'), lasts: 'short', goal: 'never-two' },
  {
    title: 'nginx cannot be restarted',
    act: async ({ web1 }) => {
      await web1.nginx.breakConfig()
      await web1.nginx.signal('SIGKILL')
    },
    lasts: 'short',
    goal: 'never-two',
  },
  { title: 'nginx hung', act: ({ web1 }) => web1.nginx.signal('SIGSTOP'), lasts: 'short', goal: 'never-two' },
]

/** What happens to pairs whose boxes have a second line between them. */
export const SECOND_LINE_SCENARIOS: readonly Scenario[] = [
  {
    title: 'carrier of the LAN lost, back',
    act: ({ lab, web1 }) => darkenPort(lab.topology, web1.host),
    heal: ({ lab, web1 }) => lightPort(lab.topology, web1.host),
    lasts: 'fault',
    goal: 'replaced-in-50ms',
  },
  {
    title: 'cut from each other on the LAN',
    // Both reach everybody else.
    act: ({ lab, web1, web2 }) => splitHosts(lab.topology, [web1.host], [web2.host]),
    heal: ({ lab }) => healSplit(lab.topology),
    lasts: 'fault',
    goal: 'undisturbed',
  },
  {
    title: 'own LAN dark, with a carrier',
    act: ({ lab, web1 }) => blockPort(lab.topology, web1.host),
    heal: ({ lab, web1 }) => unblockPort(lab.topology, web1.host),
    lasts: 'fault',
    goal: 'heal-in-200ms',
  },
]

/** Puts everything right that a scenario may have left; idempotent. */
export async function repair(pair: Contender): Promise<void> {
  const { web1 } = pair
  await web1.nginx.repairConfig()
  await web1.nginx.answerNormally()
  if ((await web1.nginx.pid()) === undefined) await web1.nginx.start()
  else await web1.nginx.signal('SIGCONT')
  if (!pair.isRunning(web1)) await pair.start(web1, 'MASTER')
}
