import type { Contender, Kind } from '../holders/contender.ts'

/** A planned move of the address by an administrator's hand. */
export type MoveKind = {
  readonly title: string
  readonly from: 'web1' | 'web2'
  readonly to: 'web1' | 'web2'
  /** Does it; resolves when the command, or the process that was told to stop, has ended. */
  readonly act: (pair: Contender) => Promise<unknown>
  /** Whether what `act` waits for is what the administrator waits for. */
  readonly ends: boolean
}

async function failover({ web1 }: Contender, ...more: readonly string[]): Promise<void> {
  const { code, stdout, stderr } = await web1.haup('failover', ...more, '--run-dir', web1.runDir)
  if (code !== 0) throw new Error(`haup failover ${more.join(' ')}: ${stdout}${stderr}`)
}

const AWAY = { from: 'web1', to: 'web2' } as const
const HOME = { from: 'web2', to: 'web1' } as const

const COMMANDS: readonly MoveKind[] = [
  { title: 'haup failover', ...AWAY, act: (pair) => failover(pair), ends: true },
  { title: 'haup failover --back', ...HOME, act: (pair) => failover(pair, '--back'), ends: true },
]

const SIGNALS: readonly MoveKind[] = [
  { title: 'stop (SIGTERM)', ...AWAY, act: (pair) => pair.stop(pair.web1), ends: true },
  { title: 'start, preempting', ...HOME, act: (pair) => pair.start(pair.web1, 'MASTER'), ends: false },
]

/** Moves that follow each other on one pair, again and again. */
export type Lane = { readonly kind: Kind; readonly intervalMs: number; readonly moves: readonly MoveKind[] }

export const LANES: readonly Lane[] = [
  { kind: 'haup', intervalMs: 1_000, moves: COMMANDS },
  { kind: 'haup', intervalMs: 1_000, moves: SIGNALS },
  { kind: 'keepalived', intervalMs: 1_000, moves: SIGNALS },
  { kind: 'keepalived', intervalMs: 100, moves: SIGNALS },
]
