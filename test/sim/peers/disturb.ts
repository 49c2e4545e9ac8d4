import { fromMillis, fromSeconds, type Micros, micros, plus } from '../../../src/shared/units.ts'
import type { Random } from '../random.ts'
import type { Box, Incoming } from './box.ts'
import type { Kind } from './history.ts'
import type { Link } from './lan.ts'
import type { World } from './world.ts'

/** One thing that happens to the nodes; returns what, for the story. */
export async function disturb(world: World, random: Random, kind: Kind): Promise<string> {
  const { names } = world
  const index = random.between(0, names.length - 1)
  const a = names[index] ?? ''
  const b = names[(index + random.between(1, names.length - 1)) % names.length] ?? ''
  const box = world.box(a)
  const group = random.pick(['wire', 'wire', 'engine', 'admin', 'world', 'move'] as const)
  switch (group) {
    case 'wire':
      return cutSomething(world, random, kind, a, b)
    case 'engine':
      return hitEngine(world, random, a, b)
    case 'admin':
      return command(world, random, box)
    case 'move':
      return stopOrReturn(world, random, box)
    default:
      return change(random, kind, world, box)
  }
}

function cutSomething({ wires, names }: World, random: Random, kind: Kind, a: string, b: string): string {
  const what = random.pick(['advert', 'lan', 'arp', 'network', 'all', 'all', 'heal', 'heal'] as const)
  const cut = (from: string, to: string, ...links: readonly (Link | '*')[]): void => {
    wires.cut(from, to, ...links)
    if (random.chance(0.5)) wires.cut(to, from, ...links)
  }
  if (what === 'heal') wires.heal()
  else if (what === 'network') cut(a, b, 'advert', 'lan', 'arp')
  else if (what !== 'all') cut(a, b, what)
  else if (kind === 'path') cut(a, b, 'advert', 'lan')
  else for (const other of random.chance(0.5) ? names : [b]) if (other !== a) cut(a, other, '*')
  return `${what} ${a} ${b}`
}

function hitEngine(world: World, random: Random, a: string, b: string): string {
  const box = world.box(a)
  const what = random.pick(['freeze', 'thaw', 'stall', 'kill', 'power', 'start', 'start', 'hint'] as const)
  if (what === 'freeze' && box.isAlive()) box.freeze(true)
  if (what === 'thaw' && box.isFrozen()) box.freeze(false)
  if (what === 'stall') box.stall(fromMillis(random.between(1, 290)))
  if ((what === 'kill' || what === 'power') && box.isAlive()) world.kill(a, what === 'power')
  if (what === 'start' && !box.isAlive()) box.start()
  if (what === 'hint') world.send(b, { kind: 'peer-broken', node: a })
  return `${what} ${a} ${b}`
}

function command({ names }: World, random: Random, box: Box): string {
  const what = random.pick(['hold', 'timed', 'to', 'standby', 'back', 'back'] as const)
  const base = { kind: 'hold', instances: [], until: undefined } as const
  if (what === 'hold') box.tell(base)
  if (what === 'timed') box.tell({ ...base, until: plus(box.localNow(), micros(random.between(1, 4_000_000))) })
  if (what === 'to') box.tell({ ...base, to: random.pick(names as [string, ...string[]]) })
  if (what === 'standby') box.tell({ ...base, standby: true })
  if (what === 'back') box.tell({ kind: 'back', instances: [] })
  return `${what} ${box.name}`
}

/** `haup` stops in order; for a while, it may be, it is still at it. */
async function stopOrReturn(world: World, random: Random, box: Box): Promise<string> {
  if (!box.isAlive()) {
    box.start()
    return `return ${box.name}`
  }
  if (box.isFrozen()) return `nothing ${box.name}`
  box.stop('SIGTERM')
  await world.run(random.between(0, 500) / 1_000)
  return `stop ${box.name}`
}

function change(random: Random, kind: Kind, world: World, box: Box): string {
  const what = random.pick([
    'sick',
    'well',
    'flap',
    'reach',
    'witness',
    'down',
    'up',
    'up',
    'flush',
    'set',
    'forge',
    'forge',
    'store',
    'reload',
  ] as const)
  const { name } = box
  if (what === 'sick' || what === 'well') box.world.healthy = what === 'well'
  if (what === 'flap') box.world.healthy = !box.world.healthy
  if (what === 'reach') box.world.reach = random.pick(['reached', 'dark', 'unknown', 'down'])
  if (what === 'witness') {
    box.tell({ kind: 'witness', name: 'router', lost: random.chance(0.5) ? 'no answer' : undefined })
  }
  if (what === 'down' || what === 'up') {
    box.tell({ kind: 'link', link: { interface: 'eth0', up: what === 'up', detail: `eth0 is ${what}` } })
  }
  if (what === 'flush') flush(world, random, box)
  if (what === 'forge' && world.forges) {
    for (const { name: instance } of box.plan().instances) {
      for (const other of world.boxes) if (other !== box) other.tell(world.advertOf(name, 0, instance))
    }
  }
  if (what === 'set') box.tell(ownAddress(box))
  if (what === 'reload') world.reload(name, { advertInterval: random.pick(intervalsOf(box)) })
  if (what === 'store' && kind === 'arbiter') {
    if (random.chance(0.5)) world.noStore.add(name)
    else world.noStore.delete(name)
  }
  return `${what} ${name}`
}

/** v2 knows whole seconds only. */
const intervalsOf = (box: Box): readonly [Micros, ...Micros[]] =>
  box.plan().instances[0]?.router.version === 2
    ? [fromSeconds(1), fromSeconds(2)]
    : [fromMillis(100), fromMillis(300), fromSeconds(1), fromSeconds(2)]

/** Without its own address a box still sends adverts, but hardly reports. */
function flush({ wires, names }: World, random: Random, box: Box): void {
  const isMute = random.chance(0.7)
  for (const other of names) if (isMute && other !== box.name) wires.cut(box.name, other, 'lan')
  box.tell({ kind: 'addresses', seen: [] })
}

/** Its own address is where it belongs. */
export function ownAddress(box: Box): Incoming {
  const seen = box.plan().instances.map(({ router: { source } }) => ({
    address: { address: source, length: 24 },
    interface: 'eth0',
    ours: false,
  }))
  return { kind: 'addresses', seen: seen.slice(0, 1) }
}
