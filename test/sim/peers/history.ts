import assert from 'node:assert/strict'
import { fromMillis, fromSeconds, type Micros, micros } from '../../../src/shared/units.ts'
import { createRandom, type Random } from '../random.ts'
import { disturb, ownAddress } from './disturb.ts'
import { createWorld, type World } from './world.ts'

/**
 * A history of some nodes: seeded disturbances, then calm. What must hold at any instant, and what after calm.
 * The kind is what makes "never two" true: a second path that always works, or, with all paths cut, a store, a majority, fencing.
 */
export type Kind = 'path' | 'arbiter' | 'majority' | 'fencing'

const STEPS = 20

export async function tellHistory(kind: Kind, seed: number): Promise<void> {
  const random = createRandom(seed * 7 + kind.length * 1_000_003)
  const world = worldFor(kind, random)
  const told: string[] = []
  const story = (): string => `${kind} ${seed}\n${told.join('\n')}\n${world.lines.slice(-60).join('\n')}`
  world.startAll()
  await world.run(6)
  const from = world.now()
  for (let step = 0; step < STEPS; step++) {
    told.push(`${(world.now() / 1e6).toFixed(4)} ${await disturb(world, random, kind)}`)
    await runWatched(world, random.between(0, 35) / 10, story)
    assertOne(world, from, story)
  }
  told.push(`${(world.now() / 1e6).toFixed(4)} calm`)
  calm(world)
  await runWatched(world, 25, story)
  assertOne(world, from, story)
  await assertSettled(world, story)
}

function worldFor(kind: Kind, random: Random): World {
  const nodes = kind === 'majority' ? random.pick([3, 5] as const) : random.pick([2, 2, 3] as const)
  const slowest = random.pick([2, 10, 50] as const)
  const loss = random.pick([0, 0, 0.1, 0.3] as const)
  const wire = random.pick([1, 5, 40] as const)
  const failing = random.pick([0, 0, 0.05, 0.3] as const)
  const drift = random.chance(0.5)
  const preempt = random.chance(0.6)
  const version = random.pick([2, 3] as const)
  const advertInterval = version === 3 && random.chance(0.3) ? fromMillis(300) : fromSeconds(1)
  const swapped = Object.fromEntries(Array.from({ length: nodes }, (_, index) => [`web${index + 1}`, 100 + 10 * index]))
  const common = { preempt, version, advertInterval }
  const store = { kind: 'arbiter' as const, name: 'store', ttl: fromSeconds(5), timeout: fromSeconds(1) }
  return createWorld({
    nodes,
    paths: 1,
    instances: random.chance(0.2) ? [common, { ...common, priority: swapped }] : [common],
    config: {
      quorum: kind === 'majority' ? 'majority' : 'none',
      ...(kind === 'arbiter'
        ? { witnesses: [{ ...store, store: { kind: 'http', url: 'http://store/' } } as never] }
        : {}),
      ...(kind === 'fencing' ? { fencing: { argv: ['/bin/fence'] } as never } : {}),
    },
    kernel: () => micros(1_000 * random.between(1, slowest)),
    fails: (what) => random.chance(what === 'bind' ? failing / 10 : failing),
    wires: {
      delay: (link) =>
        micros(random.between(50, 1_000 * (link === 'arp' || link === 'advert' ? Math.min(wire, 4) : wire))),
      isLost: (link) => link !== 'arp' && random.chance(loss),
      mostLost: 2,
    },
    rate: () => (drift ? 1 + (random.next() - 0.5) / 101 : 1),
    hearsArp: random.chance(0.5),
    // Two have it where no answer comes in time (docs/decisions.md, What stays open).
    forges: wire < 40 && loss === 0,
    fences: () => random.chance(0.6),
  })
}

/** In slices of a second: nobody talks without end, and no timer fires again and again at one instant. */
async function runWatched(world: World, seconds: number, story: () => string): Promise<void> {
  for (let left = seconds; left > 0; left -= 1) {
    const before = world.boxes.map(({ counts }) => counts.says)
    await world.run(Math.min(1, left))
    for (const [index, { name, counts, plan }] of world.boxes.entries()) {
      const peers = plan().channel?.peers.length ?? 1
      const said = (counts.says - (before[index] ?? 0)) / peers
      assert.ok(said <= MOST_SAID, `${name} said ${said} reports to each in a second\n${story()}`)
      assert.ok(counts.spins < MOST_SPINS, `${name}: a deadline that is never met\n${story()}`)
    }
  }
}

/** While something is agreed on each 20 ms, and at once when something changes. */
const MOST_SAID = 120
const MOST_SPINS = 30

const assertOne = (world: World, from: Micros, story: () => string): void => {
  const { doubles } = world.since(from)
  assert.deepEqual(doubles, [], story())
}

function calm(world: World): void {
  world.wires.heal()
  world.mend()
  world.noStore.clear()
  for (const box of world.boxes) {
    if (box.isFrozen()) box.freeze(false)
    box.world.healthy = true
    box.world.reach = 'reached'
    if (!box.isAlive()) box.start()
    box.tell({ kind: 'witness', name: 'router', lost: undefined })
    box.tell({ kind: 'link', link: { interface: 'eth0', up: true, detail: 'eth0 is up' } })
    box.tell(ownAddress(box))
    box.tell({ kind: 'back', instances: [] })
    // Nodes whose VRRPv2 intervals differ do not hear each other's adverts (RFC 3768 7.1).
    if (box.plan().instances[0]?.router.version === 2) world.reload(box.name, { advertInterval: fromSeconds(1) })
    for (const { name } of world.config.instances) box.tell({ kind: 'able', instance: name })
  }
}

async function assertSettled(world: World, story: () => string): Promise<void> {
  for (const { name } of world.config.instances) {
    const [holder, ...more] = world.accepting(name)
    assert.ok(holder !== undefined && more.length === 0, `${name}: ${holder} ${more}\n${story()}`)
  }
  const most = mostSaidInCalm(world)
  const before = world.boxes.map(({ counts }) => ({ ...counts }))
  await world.run(10)
  for (const [index, { name, counts, plan }] of world.boxes.entries()) {
    assert.equal(counts.changes, before[index]?.changes, `${name} is not at rest\n${story()}`)
    const said = (counts.says - (before[index]?.says ?? 0)) / (plan().channel?.peers.length ?? 1) / 10
    assert.ok(said <= most, `${name} says ${said} reports a second in calm\n${story()}`)
  }
}

/** A second of calm: one each `every` of the fastest node, and an answer to each of a holder's, of which there are two at most. */
const mostSaidInCalm = (world: World): number =>
  4 + 3 * (1e6 / Math.min(...world.boxes.map(({ plan }) => plan().channel?.every ?? 1e6)))
