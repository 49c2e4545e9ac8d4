import { basename } from 'node:path'
import type { Complaint, Reader } from '../../config/read.ts'
import { readIpv4 } from '../../config/read.ts'
import { DEFAULT_KEY_FILE, DEFAULT_PEER_PORT } from '../../config/schema-peer.ts'
import type { RestartMethod } from '../../probes/types.ts'
import { compareIpv4, type Ipv4 } from '../../shared/ip.ts'
import type { Result } from '../../shared/result.ts'
import type {
  HaupYamlPlan,
  PlannedAddress,
  PlannedInstance,
  PlannedService,
  PlannedWitness,
} from '../../templates/haup-yaml.ts'
import { healthUrl } from '../../templates/side-files.ts'
import type { HostFacts } from '../detect/facts.ts'
import {
  type AnswerKey,
  type Answers,
  optional,
  readAdvertInterval,
  readCommand,
  readCommandOrNone,
  readRestart,
  readStatuses,
  readVersion,
  readVrid,
} from './init-answers.ts'
import { hasChannel, readSecondLine, readWitness, resolveWitness } from './init-channel.ts'
import { silenceOf } from './init-interval.ts'
import { nextVrid } from './init-propose.ts'
import { readPool, readPort, readPriorities } from './init-readers.ts'
import type { SideWishes } from './init-side.ts'
import { readVips } from './init-vip.ts'

/** Name of the password file, beside haup.yaml. */
export const PASSWORD_FILE = 'vrrp.pass'

/** Complete, checked answers -> what is written. PURE: the same answers, given on either box, make the same plan. */
export function planOf(answers: Answers, facts: Pick<HostFacts, 'gateway'>): HaupYamlPlan {
  const version = take(answers, 'vrrp-version', readVersion)
  const line = (answers['second-line'] ?? '') === '' ? undefined : take(answers, 'second-line', readSecondLine)
  const node = (name: AnswerKey, address: AnswerKey, path: Ipv4 | undefined) => ({
    name: answers[name] ?? '',
    address: take(answers, address, readIpv4),
    paths: path === undefined ? [] : [path],
  })
  const nodes = [node('node', 'address', line?.own), node('peer', 'peer-address', line?.peer)].toSorted((a, b) =>
    compareIpv4(a.address, b.address),
  )
  const advertInterval = take(answers, 'advert-interval', readAdvertInterval(version))
  const priorities = take(answers, 'priority', readPriorities)
  return {
    cluster: answers.cluster ?? '',
    nodes,
    instances: planInstances(
      answers,
      nodes.map(({ name }) => name),
    ),
    interface: answers.interface === '' ? undefined : answers.interface,
    version,
    advertInterval,
    silence: silenceOf(version, advertInterval, Object.values(priorities)),
    priorities,
    preempt: answers.preempt === 'yes',
    passwordFile: (answers.password ?? '') === '' ? undefined : PASSWORD_FILE,
    service: planService(answers),
    notify: planNotify(answers),
    peer: hasChannel(answers) ? { keyFile: DEFAULT_KEY_FILE } : undefined,
    witnesses: planWitness(answers, facts),
  }
}

/** The answers have been checked one by one; one that does not read now is a bug. */
function take<T>(answers: Answers, key: AnswerKey, read: Reader<T>): T {
  const result: Result<T, Complaint> = read(answers[key])
  if (result.ok) return result.value
  throw new Error(`the answer ${key} passed its check and cannot be read: ${result.error.message}`)
}

/** Active/active: the addresses are dealt out in turn, each node is preferred for one of the two instances. */
function planInstances(answers: Answers, nodes: readonly string[]): PlannedInstance[] {
  const addresses = take(answers, 'vip', readVips).map(
    ({ address, ...where }): PlannedAddress => ({ ...address, ...where }),
  )
  const vrid = take(answers, 'vrid', readVrid)
  const name = answers.instance ?? ''
  if (answers['active-active'] !== 'yes') return [{ name, vrid, preferred: answers.prefer ?? '', addresses }]
  const share = (turn: number): PlannedAddress[] => addresses.filter((_, index) => index % 2 === turn)
  return nodes.map((preferred, turn) => ({
    name: `${name}${turn + 1}`,
    vrid: turn === 0 ? vrid : nextVrid(vrid),
    preferred,
    addresses: share(turn),
  }))
}

function planWitness(answers: Answers, facts: Pick<HostFacts, 'gateway'>): PlannedWitness[] {
  const answer = answers.witness ?? ''
  if (answer === '') return []
  return [take({ witness: resolveWitness(answer, facts) ?? '' }, 'witness', readWitness)]
}

/** Of a health location that is written. */
const healthPortOf = (answers: Answers): number => take(answers, 'health-port', readPort)

function planService(answers: Answers): PlannedService {
  const restart = take(answers, 'restart', readRestart)
  return {
    name: answers.service ?? '',
    url: answers['health-location'] === 'write' ? healthUrl(healthPortOf(answers)) : (answers['probe-url'] ?? ''),
    host: (answers['probe-host'] ?? '') === '' ? undefined : answers['probe-host'],
    status: take(answers, 'probe-status', readStatuses),
    hungAfter: isNginx(restart) ? '250ms' : undefined,
    configTest: restart.kind === 'none' ? undefined : take(answers, 'config-test', readCommandOrNone),
    restart: withPidFile(restart, answers['pid-file'] ?? ''),
    budget: answers['restart-budget'] ?? '',
  }
}

/** Its workers accept whatever is behind them; apache accepts nothing for up to a second while it reloads. */
const isNginx = (restart: RestartMethod): boolean =>
  (restart.kind === 'unit' && /^nginx(\.service)?$/.test(restart.unit)) ||
  (restart.kind === 'command' && basename(restart.argv[0] ?? '') === 'nginx')

const withPidFile = (restart: RestartMethod, pidFile: string): RestartMethod =>
  restart.kind === 'command' && pidFile !== '' ? { ...restart, pidFile } : restart

/** Keys as in the file. */
const NOTIFY_ANSWERS = [
  ['master', 'notify-master'],
  ['backup', 'notify-backup'],
  ['fault', 'notify-fault'],
  ['stop', 'notify-stop'],
  ['any', 'notify'],
] as const

const planNotify = (answers: Answers): HaupYamlPlan['notify'] =>
  NOTIFY_ANSWERS.flatMap(([when, key]) => {
    const argv = take(answers, key, optional(readCommand))
    return argv === undefined ? [] : [{ when, argv }]
  })

/** What is written beside haup.yaml on this box. */
export function wishesOf(answers: Answers): SideWishes {
  const servers = (answers.pool ?? '') === '' ? [] : take(answers, 'pool', readPool)
  const line = (answers['second-line'] ?? '') === '' ? undefined : take(answers, 'second-line', readSecondLine)
  return {
    healthPort: answers['health-location'] === 'write' ? healthPortOf(answers) : undefined,
    pool: servers.length === 0 ? undefined : { name: answers['pool-name'] ?? '', servers },
    unit: answers['systemd-unit'] === 'write',
    nonlocalBind: answers['nonlocal-bind'] === 'yes',
    firewall: answers.firewall ?? 'none',
    peers: [answers['peer-address'] ?? ''],
    channel: hasChannel(answers)
      ? {
          port: DEFAULT_PEER_PORT,
          addresses: [answers['peer-address'] ?? '', ...(line === undefined ? [] : [line.peer])],
        }
      : undefined,
  }
}
