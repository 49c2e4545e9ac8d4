import { readIpv4 } from '../../config/read.ts'
import { readBudget, readInterface, readName, readPath } from '../../config/read-text.ts'
import {
  type AnswerKey,
  type Answers,
  optional,
  readAdvertInterval,
  readCommand,
  readCommandOrNone,
  readPassword,
  readProbeUrl,
  readRestart,
  readStatuses,
  readVersion,
  readVrid,
  readYesNo,
} from './init-answers.ts'
import { CHANNEL } from './init-channel.ts'
import { by, flag, type Question, text, unlike } from './init-question.ts'
import {
  FIREWALL_CHOICES,
  HEALTH_LOCATIONS,
  readFirewall,
  readHealthLocation,
  readHostHeader,
  readPool,
  readPort,
  readPriorities,
  readUnitChoice,
  UNIT_CHOICES,
} from './init-readers.ts'
import { readVips, splitVips } from './init-vip.ts'

/** The questions of `haup init`, in order. PURE. */

const NODES: readonly Question[] = [
  text('cluster', 'Name of the cluster', 'name of the cluster', by(readName)),
  text('node', 'Name of this box', 'name of this node', by(readName)),
  text('address', 'Address of this box', 'address of this node on the LAN', by(readIpv4)),
  {
    key: 'interface',
    ask: undefined,
    help: 'interface of the adverts, on both nodes (default: the one that has the address)',
    form: 'text',
    check: by(optional(readInterface)),
  },
  text('peer', 'Name of the other box', 'name of the other node', unlike(readName, 'node', 'the name of this box')),
  text(
    'peer-address',
    'Address of the other box',
    'address of the other node on the LAN',
    unlike(readIpv4, 'address', 'the address of this box'),
  ),
]

const checkVip: Question['check'] = (answer, before) => {
  const vips = readVips(answer)
  if (!vips.ok) return vips.error
  const texts = vips.value.map(({ address }): string => address.address)
  const own = texts.find((address) => address === before.address || address === before['peer-address'])
  if (own !== undefined) return { message: `${own} is a box's own address`, remedy: 'use a free address of the LAN' }
  const twin = texts.find((address, index) => texts.indexOf(address) !== index)
  return twin === undefined ? undefined : { message: `names ${twin} twice`, remedy: undefined }
}

const checkPrefer: Question['check'] = (answer, before) => {
  const names = [before.node, before.peer]
  return names.includes(answer) ? undefined : { message: `must be ${names.join(' or ')}`, remedy: undefined }
}

const checkActiveActive: Question['check'] = (answer, before, facts) => {
  const tooFew = answer === 'yes' && splitVips(before.vip ?? '').length < 2
  const remedy = 'give two or more addresses: the boxes share them'
  return tooFew ? { message: 'needs two virtual addresses', remedy } : by(readYesNo)(answer, before, facts)
}

const INTERVAL_HELP = 'time between adverts (default: 250ms between haup nodes on hardware, else 1s)'

export const versionOf = (answers: Answers): 2 | 3 => (answers['vrrp-version'] === '2' ? 2 : 3)
const restarts = (answers: Answers): boolean => answers.restart !== 'none'

const VRRP: readonly Question[] = [
  text(
    'vip',
    'Virtual address(es), such as 192.0.2.100/24',
    'virtual address, ADDRESS[/LENGTH] [dev INTERFACE] [label LABEL]; several',
    checkVip,
  ),
  {
    key: 'active-active',
    ask: 'Share the addresses, so that each box is preferred for some of them?',
    help: 'two instances: each node is preferred for one of them',
    form: 'yes-no',
    check: checkActiveActive,
    when: ({ vip }, given) => given !== undefined || splitVips(vip ?? '').length > 1,
  },
  text('instance', 'Name of the group of addresses', 'name of the instance', by(readName)),
  {
    ...text('prefer', 'Which box holds the addresses when all is well?', 'node that is preferred', checkPrefer),
    when: (answers) => answers['active-active'] !== 'yes',
  },
  flag('priority', 'priorities of the preferred node and of the other one (default: 250,240)', by(readPriorities)),
  text('vrid', 'VRID, unique on the LAN (1 to 255)', 'virtual router id, 1 to 255 (default: random)', by(readVrid)),
  text('vrrp-version', 'VRRP version (3, or 2 for old peers)', 'VRRP version, 2 or 3', by(readVersion)),
  text('advert-interval', 'Time between adverts', INTERVAL_HELP, (answer, before, facts) =>
    by(readAdvertInterval(versionOf(before)))(answer, before, facts),
  ),
  {
    key: 'preempt',
    ask: 'Shall a repaired box take the addresses back?',
    help: 'whether a repaired node takes the addresses back',
    form: 'yes-no',
    check: by(readYesNo),
  },
  {
    key: 'password',
    ask: 'VRRPv2 password (empty: none)',
    help: 'file with the VRRPv2 password, 1 to 8 characters; it is copied beside the configuration',
    form: 'secret',
    check: by(readPassword),
    when: (answers) => versionOf(answers) === 2,
  },
]

const checkHealth: Question['check'] = (answer, before, facts) => {
  const wrong = by(readHealthLocation)(answer, before, facts)
  if (wrong !== undefined || answer === 'none') return wrong
  if (answer === 'existing') {
    if (facts.answers.health !== undefined) return undefined
    return { message: 'finds no health location that answers 200', remedy: 'choose write, or none with --probe-url' }
  }
  if (facts.webServer === undefined) return { message: 'finds no nginx or apache to write for', remedy: 'choose none' }
  const remedy = 'add "include conf.d/*.conf;" to its http block, or choose none'
  return facts.webServer.includeDirectory === undefined ? { message: NO_INCLUDES, remedy } : undefined
}

const NO_INCLUDES = 'finds no directory whose *.conf files the web server reads'

const checkPool: Question['check'] = (answer, before, facts) => {
  const wrong = answer === '' ? undefined : by(readPool)(answer, before, facts)
  if (wrong !== undefined || answer === '') return wrong
  if (facts.webServer?.kind !== 'nginx') return { message: 'needs nginx, which was not found here', remedy: undefined }
  const remedy = 'add "include conf.d/*.conf;" to its http block'
  return facts.webServer.includeDirectory === undefined ? { message: NO_INCLUDES, remedy } : undefined
}

const writesHealth = (answers: Answers): boolean => answers['health-location'] === 'write'

const SERVICE: readonly Question[] = [
  text('service', 'Name of the web service', 'name of the service', by(readName)),
  {
    key: 'health-location',
    ask: 'What shows that it works?',
    help: 'an existing health location, a new one that is written, or none: the front page',
    form: { choices: HEALTH_LOCATIONS },
    check: checkHealth,
    matters: ({ webServer, answers }) => webServer?.includeDirectory !== undefined || answers.health !== undefined,
  },
  {
    ...flag('health-port', 'port of a written health location, on 127.0.0.1', by(readPort)),
    when: writesHealth,
  },
  {
    ...text('probe-url', 'URL that must answer', 'URL to probe, by TCP and HTTP', by(readProbeUrl)),
    when: (answers) => !writesHealth(answers),
  },
  {
    ...flag(
      'probe-host',
      'Host header of the probe, when the site answers only under a name',
      by(optional(readHostHeader)),
    ),
    when: (answers) => !writesHealth(answers),
  },
  text('probe-status', 'Accepted status codes', 'accepted status codes, such as 200-399', by(readStatuses)),
  text('restart', 'How to start it when it is down', 'systemd unit, absolute command line, or none', by(readRestart)),
  {
    ...flag('pid-file', 'pid file of the server that the command of --restart starts', by(optional(readPath))),
    when: ({ restart }) => restart?.startsWith('/') === true,
  },
  {
    ...text('config-test', 'How to test its configuration before', 'command line, or none', by(readCommandOrNone)),
    when: restarts,
  },
  {
    ...text('restart-budget', 'How often to try', 'restarts before the address moves', by(readBudget)),
    when: restarts,
  },
]

/** Commands that are told of changes of state; keepalived's notify_master and so on. */
const NOTIFY: readonly Question[] = [
  flag('notify-master', 'command line to run when this node becomes master', by(optional(readCommand))),
  flag('notify-backup', 'command line to run when it becomes backup', by(optional(readCommand))),
  flag('notify-fault', 'command line to run when it has a fault', by(optional(readCommand))),
  flag('notify-stop', 'command line to run when haup stops', by(optional(readCommand))),
  flag(
    'notify',
    'command line to run in all these cases, with INSTANCE NAME STATE PRIORITY',
    by(optional(readCommand)),
  ),
]

/** What is written beside haup.yaml. */
const BESIDE: readonly Question[] = [
  flag('pool', 'servers behind nginx, HOST:PORT [weight=N] [max_fails=N] [fail_timeout=TIME], ...', checkPool),
  { ...flag('pool-name', 'name of the upstream of --pool', by(readName)), when: ({ pool }) => (pool ?? '') !== '' },
  {
    ...flag('systemd-unit', 'unit haup.service: written unless a package has brought one', by(readUnitChoice)),
    form: { choices: UNIT_CHOICES },
  },
  {
    ...flag('nonlocal-bind', 'let the standby bind the address (sysctl net.ipv4.ip_nonlocal_bind)', by(readYesNo)),
    form: 'yes-no',
  },
  {
    key: 'firewall',
    ask: 'The firewall here drops what the boxes say to each other. Let it in?',
    help: 'let VRRP and the peer channel through the firewall: do it, print how, or nothing',
    form: { choices: FIREWALL_CHOICES },
    check: by(readFirewall),
    matters: ({ firewall }) => firewall?.dropsVrrp === true || firewall?.dropsPeer === true,
  },
]

export const QUESTIONS: readonly Question[] = [...NODES, ...VRRP, ...CHANNEL, ...SERVICE, ...NOTIFY, ...BESIDE]

/** The flag of a question; the password itself is never on a command line. */
export const flagOf = (key: AnswerKey): string => (key === 'password' ? 'password-from' : key)
