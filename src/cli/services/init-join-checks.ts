import type { ClusterConfig, NodeConfig } from '../../config/types.ts'
import { runProbe } from '../../probes/run.ts'
import { formatPrefix } from '../../shared/ip.ts'
import { fromMillis } from '../../shared/units.ts'
import { HEALTH_PATH } from '../../templates/side-files.ts'
import type { HostFacts } from '../detect/facts.ts'
import { isThere } from '../detect/run.ts'
import type { Answers } from './init-answers.ts'
import { wrongAnswer } from './init-collect.ts'
import { wishesOf } from './init-plan.ts'
import { propose } from './init-propose.ts'
import { QUESTIONS } from './init-questions.ts'
import type { Remark } from './init-remarks.ts'
import type { SideWishes } from './init-side.ts'
import type { InitWorld } from './init-world.ts'

/** What a haup.yaml from another node asks of this box. */

const EACH_WITHIN = fromMillis(2_000)

/** Whether the probes are good now, and what restarts a service is here. */
export async function checkServices(
  { services }: ClusterConfig,
  facts: HostFacts,
  world: Pick<InitWorld, 'during'>,
): Promise<Remark[]> {
  const willWrite = healthPortOf(services) !== undefined && facts.webServer?.includeDirectory !== undefined
  const remarks: Remark[] = []
  for (const { name, probes, restart } of services) {
    const asked = willWrite ? [] : probes
    const signal = AbortSignal.timeout(10_000)
    const results = await world.during(
      `probing ${name}`,
      Promise.all(asked.map((probe) => runProbe(probe, EACH_WITHIN, signal))),
    )
    for (const { probe, ok, detail } of results) {
      if (!ok)
        remarks.push(
          bad('probe', `${name}: ${probe} is bad here: ${detail}`, `repair it, then see: haup probe ${name}`),
        )
    }
    const unit = facts.webServer?.unit
    if (restart.kind === 'unit' && facts.system.hasSystemd && unit !== undefined && unit !== restart.unit) {
      remarks.push(
        bad('restart', `${name}: the file restarts ${restart.unit}, here it is ${unit}`, 'use the same on every node'),
      )
    }
    const program = restart.kind === 'command' ? restart.argv[0] : undefined
    if (program?.startsWith('/') === true && !(await isThere(program))) {
      remarks.push(
        bad(
          'restart',
          `${name}: ${program} is not here, so it cannot be restarted`,
          'install it in the same place on every node',
        ),
      )
    }
  }
  return remarks
}

const bad = (code: string, message: string, remedy: string): Remark => ({ code, message, remedy })

/** The other node has written itself a health location; this one needs the same. */
function healthPortOf(services: ClusterConfig['services']): number | undefined {
  const urls = services.flatMap(({ probes }) =>
    probes.flatMap((probe) => (probe.kind === 'http' ? [new URL(probe.url)] : [])),
  )
  const own = urls.find(({ pathname }) => pathname === HEALTH_PATH)
  return own === undefined ? undefined : Number(own.port || 80)
}

export function joinWishes(config: ClusterConfig, node: NodeConfig, facts: HostFacts, given: Answers): SideWishes {
  const vip = config.instances.flatMap(({ virtualAddresses }) =>
    virtualAddresses.map(({ address }) => formatPrefix(address)),
  )
  const noPeer = config.peer === undefined ? 'yes' : 'no'
  const before: Answers = { vip: vip.join(','), 'peer-address': '', 'no-peer': noPeer }
  let answers = before
  for (const { key, check, when } of QUESTIONS.filter((question) => SIDE_KEYS.some((own) => own === question.key))) {
    if (when?.(answers, given[key]) === false) continue
    const answer = given[key] ?? propose(key, facts, answers, () => 0) ?? ''
    const complaint = check(answer, answers, facts)
    if (complaint !== undefined) throw wrongAnswer(key, complaint)
    answers = { ...answers, [key]: answer }
  }
  const others = config.nodes.filter(({ name }) => name !== node.name)
  const speaking = others.filter(({ kind }) => kind === 'haup').flatMap(({ address, paths }) => [address, ...paths])
  return {
    ...wishesOf(answers),
    healthPort: healthPortOf(config.services),
    peers: others.map(({ address }) => address),
    channel: config.peer && { port: config.peer.port, addresses: speaking },
  }
}

const SIDE_KEYS = ['pool', 'pool-name', 'systemd-unit', 'nonlocal-bind', 'firewall'] as const

/** Each instance as init would have been answered for it, to be remarked on. */
export const remarkAnswers = (config: ClusterConfig, node: NodeConfig, facts: HostFacts): Answers[] =>
  config.instances.map((instance) => {
    const home = facts.addresses.find(({ address }) => address === node.address)
    const others = config.nodes.filter(({ name }) => name !== node.name)
    const heard = facts.heard?.map(({ from }) => from) ?? []
    return {
      address: node.address,
      interface: instance.interface ?? node.interface ?? home?.interface ?? '',
      vip: instance.virtualAddresses.map(({ address }) => formatPrefix(address)).join(','),
      vrid: String(instance.vrid),
      'no-peer': config.peer === undefined ? 'yes' : 'no',
      'peer-address': (others.find(({ address }) => heard.includes(address)) ?? others[0])?.address ?? '',
    }
  })
