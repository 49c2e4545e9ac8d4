import { execFileSync } from 'node:child_process'
import { rmSync, statSync } from 'node:fs'

/** A network namespace for a test; needs root. Removed with its interfaces by `using`, at the latest when the process ends. */
export type Namespace = {
  readonly name: string
  /** `ip -n NAME ...` */
  readonly ip: (...args: readonly string[]) => string
  /** `ip -j -n NAME addr show dev INTERFACE`: what is bound there, as `192.0.2.1/24 label`, in order. */
  readonly addresses: (interfaceName: string) => readonly string[]
} & Disposable

/** Two namespaces joined by a cable: `e0` in each, 192.0.2.11/24 and 192.0.2.12/24. */
export type Pair = { readonly a: Namespace; readonly b: Namespace } & Disposable

const PREFIX = 'haup-t-'
const alive = new Set<string>()
let count = 0

process.once('exit', () => {
  for (const name of alive) removeNamespace(name)
})

export function createNamespace(): Namespace {
  if (count === 0) removeStale()
  count += 1
  const name = `${PREFIX}${process.pid}-${count}`
  run('ip', ['netns', 'add', name])
  alive.add(name)
  // The kernel gives numbers of namespaces again; what a dead one has left under its number is not this one's.
  const number = statSync(`/run/netns/${name}`).ino
  for (const what of ['promoted', 'withheld']) rmSync(`/run/haup-${number}.${what}`, { force: true })
  const ip = (...args: readonly string[]): string => run('ip', ['-n', name, ...args])
  ip('link', 'set', 'lo', 'up')
  return {
    name,
    ip,
    addresses: (interfaceName) => parseAddresses(ip('-j', '-4', 'addr', 'show', 'dev', interfaceName)),
    [Symbol.dispose]: () => removeNamespace(name),
  }
}

export function createPair(): Pair {
  const [a, b] = [createNamespace(), createNamespace()]
  connect(a, b)
  a.ip('addr', 'add', '192.0.2.11/24', 'dev', 'e0')
  b.ip('addr', 'add', '192.0.2.12/24', 'dev', 'e0')
  return {
    a,
    b,
    [Symbol.dispose]: () => {
      a[Symbol.dispose]()
      b[Symbol.dispose]()
    },
  }
}

/** A cable between two namespaces: `e0` in each, up. */
export function connect(a: Namespace, b: Namespace): void {
  a.ip('link', 'add', 'e0', 'type', 'veth', 'peer', 'name', 'e0', 'netns', b.name)
  for (const side of [a, b]) side.ip('link', 'set', 'e0', 'up')
}

function parseAddresses(json: string): readonly string[] {
  const shown: unknown = JSON.parse(json)
  if (!Array.isArray(shown)) throw new Error(`unexpected output of ip: ${json}`)
  return shown
    .flatMap((link: { readonly addr_info?: readonly Shown[] }) => link.addr_info ?? [])
    .map(({ local, prefixlen, label }) => `${local}/${prefixlen} ${label}`)
}

type Shown = { readonly local: string; readonly prefixlen: number; readonly label: string }

const run = (program: string, args: readonly string[]): string =>
  execFileSync(program, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] })

function removeNamespace(name: string): void {
  if (!alive.delete(name)) return
  run('ip', ['netns', 'del', name])
}

/** What test processes left that were killed. */
function removeStale(): void {
  for (const line of run('ip', ['netns', 'list']).split('\n')) {
    const [, name, pid] = new RegExp(`^(${PREFIX}(\\d+)-\\d+)`).exec(line) ?? []
    if (name !== undefined && !isRunning(Number(pid))) run('ip', ['netns', 'del', name])
  }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}
