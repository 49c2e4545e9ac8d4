import type { PeerStatus } from '../control/messages.ts'
import { printable } from '../shared/log.ts'
import { field, formatAge, WIDTH, wrap } from './layout.ts'
import type { Paint, Style } from './paint.ts'

/**
 * The other haup nodes, as they told by the channel. Pure. Whatever is told of a remote one has its age beside it; what is
 * older than a node may be silent is told in the past.
 */
export const renderPeers = (peers: readonly PeerStatus[], paint: Paint): string[] =>
  peers.flatMap((peer) => ['', ...renderPeer(peer, paint)])

function renderPeer(peer: PeerStatus, paint: Paint): string[] {
  const { node, life, age_seconds, haup, standby, services, instances } = peer
  const heard = age_seconds === null ? 'not heard since the engine started' : `as of ${formatAge(age_seconds)} ago`
  const words = [heard, ...(haup === null ? [] : [`haup ${haup}`]), ...(standby ? ['on standby'] : [])]
  const state = LIFE[life]
  return [
    ...headline(node, state, words.join(', '), paint),
    ...(peer.paths.length === 0 ? [] : field('paths', describePaths(peer))),
    ...instances.flatMap((instance) => field(clip(instance.name), describeInstance(peer, instance))),
    ...services.flatMap((service) =>
      painted(service.good ? undefined : 'warn', paint, field(clip(service.name), describeService(peer, service))),
    ),
    ...describeConfig(peer, paint),
  ]
}

/** `web2  ALIVE  as of 0.3s ago`; a very long name has a line of its own. */
function headline(node: string, [state, style]: readonly [string, Style], rest: string, paint: Paint): string[] {
  const shown = printable(node, WIDTH)
  const told = wrap(printable(rest), WIDTH - 2)
  const fits = told.length === 1 && shown.length + state.length + rest.length + 4 <= WIDTH
  if (fits) return [`${paint('strong', shown)}  ${paint(style, state)}  ${told[0]}`]
  return [paint('strong', shown), `  ${paint(style, state)}`, ...told.map((line) => `  ${line}`)]
}

const LIFE: Readonly<Record<PeerStatus['life'], readonly [string, Style]>> = {
  alive: ['ALIVE', 'good'],
  left: ['STOPPED', 'warn'],
  silent: ['SILENT', 'bad'],
  died: ['DIED', 'bad'],
  unknown: ['UNKNOWN', 'warn'],
}

const describePaths = ({ paths }: PeerStatus): string =>
  printable(
    paths
      .map(({ name, heard_seconds_ago: ago }) => `${name} ${ago === null ? 'never heard' : `${formatAge(ago)} ago`}`)
      .join(', '),
  )

function describeInstance(peer: PeerStatus, instance: PeerStatus['instances'][number]): string {
  const { state, since_seconds, reason, readiness, priority, holding, lan } = instance
  const marks = [
    holding ? `${peer.alive ? 'holds' : 'held'} the addresses` : READY[readiness],
    `priority ${priority}`,
    ...(lan === 'dark' || lan === 'down' ? [LAN[lan]] : []),
  ]
  return printable(
    `${was(peer)}${state} for ${formatAge(since_seconds)}, ${marks.join(', ')}: ${reason} (${ago(peer)})`,
  )
}

const READY = { serves: 'ready', standby: 'in standby', unable: 'not ready' } as const

const LAN = { dark: 'does not reach the LAN', down: 'its interface is down' } as const

const describeService = (peer: PeerStatus, { good, detail }: PeerStatus['services'][number]): string =>
  printable(`${was(peer)}${good ? 'good' : 'not good'}: ${detail} (${ago(peer)})`)

const was = ({ alive }: PeerStatus): string => (alive ? '' : 'was ')
const ago = ({ age_seconds }: PeerStatus): string => `${formatAge(age_seconds ?? 0)} ago`

function describeConfig({ config }: PeerStatus, paint: Paint): string[] {
  if (config === null || config === 'same') return []
  const text = `differs from ours in ${config.differs.join(', ')}: copy haup.yaml, then haup reload`
  return painted('warn', paint, field('config', printable(text)))
}

/** A label stands in its column. */
const clip = (name: string): string => {
  const shown = printable(name, WIDTH)
  return shown.length <= 10 ? shown : `${shown.slice(0, 9)}~`
}

const painted = (style: Style | undefined, paint: Paint, lines: readonly string[]): string[] =>
  style === undefined ? [...lines] : lines.map((line) => paint(style, line))
