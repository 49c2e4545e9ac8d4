import { readFile } from 'node:fs/promises'
import type { FirewallFacts } from '../detect/facts.ts'
import { UFW_RULES } from '../detect/firewall.ts'
import type { PlannedFile, SideWishes } from './init-side.ts'

/** Who is to get in: VRRP (IP protocol 112), and the peer channel (UDP and TCP). */
export type LetIn = Pick<SideWishes, 'peers' | 'channel'>

/** How they get in from the other nodes, for the firewall that is active. */
export type FirewallPlan = {
  readonly files: readonly PlannedFile[]
  readonly steps: readonly FirewallStep[]
  /** For a person to do, or to keep. */
  readonly lines: readonly string[]
}

export type FirewallStep = {
  readonly argv: readonly string[]
  /** What takes it back, from what the command said. */
  readonly undo: (output: string) => readonly string[] | undefined
  /** When: before files are put back, or after. */
  readonly place: 'undo_before' | 'undo_after'
}

const NOTHING: FirewallPlan = { files: [], steps: [], lines: [] }

export async function planFirewall(
  firewall: FirewallFacts | undefined,
  choice: string,
  wishes: LetIn,
): Promise<FirewallPlan> {
  if (choice === 'none') return NOTHING
  // Without a firewall here there may be one elsewhere: the lines are of use then, but nobody asked.
  if (firewall === undefined || holesFor(firewall, wishes).length === 0) return NOTHING
  if (choice === 'print') return { ...NOTHING, lines: linesFor(firewall, wishes) }
  return firewall.kind === 'ufw' ? planUfw(firewall, wishes) : { files: [], ...stepsFor(firewall, wishes) }
}

/** What is to be typed, or to stand in a file. PURE. */
export function linesFor(firewall: FirewallFacts, wishes: LetIn): string[] {
  const { kind, chain } = firewall
  const holes = holesFor(firewall, wishes)
  switch (kind) {
    case 'firewalld':
      return [
        ...holes.map((hole) => `firewall-cmd --permanent --add-rich-rule='${richRule(hole)}'`),
        'firewall-cmd --reload',
      ]
    case 'ufw':
      return [`in ${UFW_RULES}, before COMMIT:`, ...holes.map(ufwRule), 'ufw reload']
    case 'nftables':
      return holes.map((hole) => `nft insert rule ${chain.join(' ')} ${nftRule(hole)}`)
  }
}

/** One thing that is let in; `port` absent: all of the protocol. */
export type Hole = { readonly from: string; readonly protocol: 'vrrp' | 'udp' | 'tcp'; readonly port?: number }

/** Only what is dropped now. */
const holesFor = ({ dropsVrrp, dropsPeer }: FirewallFacts, { peers, channel }: LetIn): Hole[] => [
  ...(dropsVrrp ? peers : []).map((from): Hole => ({ from, protocol: 'vrrp' })),
  ...(dropsPeer ? (channel?.addresses ?? []) : []).flatMap((from): Hole[] =>
    (['udp', 'tcp'] as const).map((protocol) => ({ from, protocol, port: channel?.port ?? 0 })),
  ),
]

function richRule({ from, protocol, port }: Hole): string {
  const what = port === undefined ? `protocol value="${protocol}"` : `port port="${port}" protocol="${protocol}"`
  return `rule family="ipv4" source address="${from}" ${what} accept`
}

const ufwRule = ({ from, protocol, port }: Hole): string =>
  `-A ufw-before-input -p ${protocol} -s ${from}${port === undefined ? '' : ` --dport ${port}`} -j ACCEPT`

const nftRule = ({ from, protocol, port }: Hole): string =>
  `ip saddr ${from} ${port === undefined ? `ip protocol ${protocol}` : `${protocol} dport ${port}`} accept`

function stepsFor(firewall: FirewallFacts, wishes: LetIn): Pick<FirewallPlan, 'steps' | 'lines'> {
  const holes = holesFor(firewall, wishes)
  if (firewall.kind === 'firewalld') {
    const rules = holes.map((hole): FirewallStep => {
      const change = (verb: string) => ['firewall-cmd', '--permanent', `--${verb}-rich-rule`, richRule(hole)]
      return { argv: change('add'), undo: () => change('remove'), place: 'undo_before' }
    })
    const reload = ['firewall-cmd', '--reload']
    return { steps: [...rules, { argv: reload, undo: () => reload, place: 'undo_after' }], lines: [] }
  }
  const steps = holes.map((hole): FirewallStep => {
    const rule = nftRule(hole).split(' ')
    return {
      argv: ['nft', '--echo', '--handle', 'insert', 'rule', ...firewall.chain, ...rule],
      undo: (output) => {
        const handle = /# handle (\d+)/.exec(output)?.[1]
        return handle === undefined ? undefined : ['nft', 'delete', 'rule', ...firewall.chain, 'handle', handle]
      },
      place: 'undo_before',
    }
  })
  const keep = 'the rules last until the next boot; to keep them, write them into your nftables configuration:'
  return { steps, lines: [keep, ...holes.map((hole) => `  ${nftRule(hole)}`)] }
}

async function planUfw(firewall: FirewallFacts, wishes: LetIn): Promise<FirewallPlan> {
  const content = withUfwRules(await readFile(UFW_RULES, 'utf8').catch(() => ''), holesFor(firewall, wishes))
  if (content === undefined) return { ...NOTHING, lines: linesFor(firewall, wishes) }
  const reload = ['ufw', 'reload']
  return {
    files: [{ path: UFW_RULES, content, mode: 0o640, role: 'firewall' }],
    steps: [{ argv: reload, undo: () => reload, place: 'undo_after' }],
    lines: [],
  }
}

/** Before the last COMMIT of the filter table. PURE. Undefined: the file has another form. */
export function withUfwRules(text: string, holes: readonly Hole[]): string | undefined {
  const at = text.lastIndexOf('\nCOMMIT')
  if (at < 0 || !text.includes(':ufw-before-input')) return undefined
  const rules = ['# haup: VRRP and the peer channel from the other nodes', ...holes.map(ufwRule)].filter(
    (rule) => !text.includes(rule),
  )
  return `${text.slice(0, at + 1)}${rules.map((rule) => `${rule}\n`).join('')}${text.slice(at + 1)}`
}
