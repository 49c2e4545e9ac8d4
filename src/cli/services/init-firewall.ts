import { readFile } from 'node:fs/promises'
import type { FirewallFacts } from '../detect/facts.ts'
import { UFW_RULES } from '../detect/firewall.ts'
import type { PlannedFile } from './init-side.ts'

/** How VRRP (IP protocol 112) gets in from the other nodes, for the firewall that is active. */
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
  peers: readonly string[],
): Promise<FirewallPlan> {
  if (choice === 'none') return NOTHING
  // Without a firewall here there may be one elsewhere: the lines are of use then, but nobody asked.
  if (firewall === undefined || !firewall.dropsVrrp) return NOTHING
  if (choice === 'print') return { ...NOTHING, lines: linesFor(firewall, peers) }
  return firewall.kind === 'ufw' ? planUfw(peers) : { files: [], ...stepsFor(firewall, peers) }
}

/** What is to be typed, or to stand in a file. PURE. */
export function linesFor({ kind, chain }: FirewallFacts, peers: readonly string[]): string[] {
  switch (kind) {
    case 'firewalld':
      return [
        ...peers.map((peer) => `firewall-cmd --permanent --add-rich-rule='${richRule(peer)}'`),
        'firewall-cmd --reload',
      ]
    case 'ufw':
      return [`in ${UFW_RULES}, before COMMIT:`, ...peers.map(ufwRule), 'ufw reload']
    case 'nftables':
      return peers.map((peer) => `nft insert rule ${chain.join(' ')} ip saddr ${peer} ip protocol vrrp accept`)
  }
}

const richRule = (peer: string): string => `rule family="ipv4" source address="${peer}" protocol value="vrrp" accept`
const ufwRule = (peer: string): string => `-A ufw-before-input -p vrrp -s ${peer} -j ACCEPT`

function stepsFor(firewall: FirewallFacts, peers: readonly string[]): Pick<FirewallPlan, 'steps' | 'lines'> {
  if (firewall.kind === 'firewalld') {
    const rules = peers.map((peer): FirewallStep => {
      const change = (verb: string) => ['firewall-cmd', '--permanent', `--${verb}-rich-rule`, richRule(peer)]
      return { argv: change('add'), undo: () => change('remove'), place: 'undo_before' }
    })
    const reload = ['firewall-cmd', '--reload']
    return { steps: [...rules, { argv: reload, undo: () => reload, place: 'undo_after' }], lines: [] }
  }
  const steps = peers.map((peer): FirewallStep => {
    const rule = ['ip', 'saddr', peer, 'ip', 'protocol', 'vrrp', 'accept']
    return {
      argv: ['nft', '--echo', '--handle', 'insert', 'rule', ...firewall.chain, ...rule],
      undo: (output) => {
        const handle = /# handle (\d+)/.exec(output)?.[1]
        return handle === undefined ? undefined : ['nft', 'delete', 'rule', ...firewall.chain, 'handle', handle]
      },
      place: 'undo_before',
    }
  })
  const keep = `the rule lasts until the next boot; to keep it, write it into your nftables configuration:`
  return { steps, lines: [keep, ...peers.map((peer) => `  ip saddr ${peer} ip protocol vrrp accept`)] }
}

async function planUfw(peers: readonly string[]): Promise<FirewallPlan> {
  const content = withUfwRules(await readFile(UFW_RULES, 'utf8').catch(() => ''), peers)
  if (content === undefined) return { ...NOTHING, lines: linesFor({ kind: 'ufw', dropsVrrp: true, chain: [] }, peers) }
  const reload = ['ufw', 'reload']
  return {
    files: [{ path: UFW_RULES, content, mode: 0o640, role: 'firewall' }],
    steps: [{ argv: reload, undo: () => reload, place: 'undo_after' }],
    lines: [],
  }
}

/** Before the last COMMIT of the filter table. PURE. Undefined: the file has another form. */
export function withUfwRules(text: string, peers: readonly string[]): string | undefined {
  const at = text.lastIndexOf('\nCOMMIT')
  if (at < 0 || !text.includes(':ufw-before-input')) return undefined
  const rules = ['# haup: VRRP from the other nodes', ...peers.map(ufwRule)].filter((rule) => !text.includes(rule))
  return `${text.slice(0, at + 1)}${rules.map((rule) => `${rule}\n`).join('')}${text.slice(at + 1)}`
}
