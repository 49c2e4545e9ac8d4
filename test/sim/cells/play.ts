import { fromSeconds, type Micros, micros, toSeconds } from '../../../src/shared/units.ts'
import { createWorld, type World } from '../peers/world.ts'
import { createRandom, type Random } from '../random.ts'
import type { Cell } from './enumerate.ts'
import { at, judge, type Outcome, type Problem, seconds, stepsBack } from './judge.ts'
import { heal, isReached, repeating, type Scene } from './scene.ts'
import { watchService } from './service.ts'
import { longestGap, worldOptions } from './shapes.ts'
import { alarms, contradictions } from './shown.ts'

/** As often as a kernel asks for a neighbour that does not answer. */
const CHATTER = fromSeconds(1)
/** A fault lasts for so many T. */
const HELD = 10

export async function playCell(cell: Cell, seed: number): Promise<Outcome> {
  const random = createRandom(seed + hashOf(cell.name))
  const world = createWorld(worldOptions(cell.shape))
  const holder = await settle(world, cell, random)
  if (holder === undefined)
    return {
      cell,
      seed,
      problems: [{ kind: 'never began', text: `held by ${world.accepting().join(' and ')}` }],
      served: undefined,
      log: world.lines,
    }
  return { cell, seed, ...(await playFaults(world, cell, holder, random)), log: world.lines }
}

/** Lets the faults come over a group that is settled, holds them, heals them, and lets it settle again. */
export async function playFaults(
  world: World,
  cell: Cell,
  holder: string,
  random: Random,
): Promise<Pick<Outcome, 'problems' | 'served'>> {
  const limit = longestGap(cell.shape, stepsBack(cell))
  const watch = watchService(world, limit)
  const isHealed = { now: false }
  const scene: Scene = {
    world,
    shape: cell.shape,
    random,
    holder,
    backup: backupOf(world, holder, random),
    healed: () => isHealed.now,
    repeat: repeating(world, () => isHealed.now),
  }
  for (const [index, fault] of cell.faults.entries()) {
    if (index > 0) await world.run((random.next() * 2 * limit) / 1e6)
    say(world, `begins: ${fault.name}`)
    watch.mark()
    fault.begin(scene)
  }
  const talk = await watchTalk(world, micros(HELD * limit))
  const by = answering(scene)
  isHealed.now = true
  say(world, 'healed')
  watch.mark()
  const healedAt = world.now()
  heal(scene)
  await world.run(toSeconds(micros(2.5 * limit)))
  const settledProblems = await settled(world, limit)
  const changes = cell.faults.length + 1
  const seen = watch.seen()
  const problems = [...judge(cell, seen, changes, limit, healedAt), ...talk, ...settledProblems]
  return {
    problems,
    served: { by, nobodyFor: micros(Math.max(0, ...seen.gaps.map(({ from, until }) => until - from))) },
  }
}

/** By the parts that they played when the faults began. */
function answering({ world, holder, backup }: Scene): string {
  const names = world.boxes.filter((box) => isReached(box) && box.accepts('www')).map(({ name }) => name)
  const parts = names.map((name) => (name === holder ? 'holder' : name === backup ? 'backup' : 'the third'))
  return parts.join(' and ') || 'nobody'
}

/** Reports that one node sends to another one each second; while something is agreed on, there may be more for a moment. */
const MOST_SAID = 12
/** Lines of the log, of all nodes together, for each fault. */
const MOST_LINES = 40

/** Lets the faults last; nobody talks without end, to other nodes or to people. */
async function watchTalk(world: World, held: Micros): Promise<readonly Problem[]> {
  await world.run(toSeconds(held) / 2)
  const said = world.boxes.map(({ counts }) => counts.says)
  const told = world.lines.length
  await world.run(toSeconds(held) / 2)
  const others = world.names.length - 1
  const rates = world.boxes.map(
    ({ counts }, index) => (counts.says - (said[index] ?? 0)) / others / (toSeconds(held) / 2),
  )
  const most = Math.max(...rates)
  const lines = world.lines.length - told
  const shown = contradictions(world)
  return [
    ...(shown.length > 0 ? [{ kind: 'status' as const, text: `while it lasts: ${shown.join('; ')}` }] : []),
    ...(most > MOST_SAID ? [{ kind: 'storm' as const, text: `${most.toFixed(0)} reports a second` }] : []),
    ...(lines > MOST_LINES ? [{ kind: 'noise' as const, text: `${lines} lines of log in ${seconds(held / 2)}` }] : []),
  ]
}

/** Everything runs, and somebody holds: the better node, or the lower one where it is not preempted. */
export async function settle(
  world: World,
  { shape }: Pick<Cell, 'shape'>,
  random: Random,
): Promise<string | undefined> {
  for (const box of world.boxes) box.world.reach = shape.gateway ? 'reached' : 'unknown'
  // Where no node knows anybody, clients look for somebody now and then all the same.
  if (!shape.gateway) {
    repeating(world, () => false)(CHATTER, () => {
      for (const box of world.boxes) box.overhear()
    })
  }
  const later = shape.preempt ? [] : world.boxes.slice(0, 1)
  for (const box of world.boxes) if (!later.includes(box)) box.start()
  await world.run(6)
  for (const box of later) box.start()
  if (later.length > 0) await world.run(4)
  await world.run(random.next())
  const wanted = shape.preempt ? 'web1' : 'web2'
  const holders = world.config.instances.map(({ name }) => world.accepting(name).join('+'))
  return holders.every((each) => each === wanted) ? wanted : undefined
}

function backupOf(world: World, holder: string, random: Random): string {
  const others = world.names.filter((name) => name !== holder)
  return others[random.between(0, others.length - 1)] ?? holder
}

/** One holds, and nothing moves any more. */
async function settled(world: World, limit: Micros): Promise<readonly Problem[]> {
  const problems: Problem[] = []
  for (const { name } of world.config.instances) {
    const holders = world.accepting(name)
    if (holders.length !== 1)
      problems.push({
        kind: 'unsettled',
        text: `${name} is held by ${holders.join(' and ') || 'nobody'} after the heal`,
      })
  }
  const before = world.boxes.map(({ counts }) => counts.changes)
  await world.run(toSeconds(micros(1.5 * limit)))
  const moved = world.boxes.filter(({ counts }, index) => counts.changes !== before[index])
  const shown = [...contradictions(world), ...alarms(world)]
  if (shown.length > 0) problems.push({ kind: 'status', text: `after the heal: ${shown.join('; ')}` })
  if (moved.length > 0)
    problems.push({ kind: 'restless', text: `${moved.map(({ name }) => name).join(' and ')} moved after the heal` })
  return problems
}

const say = (world: World, text: string): void => {
  world.lines.push(`${at(world.now())} --- ${text}`)
}

/** FNV-1a: a cell's own seed. */
function hashOf(text: string): number {
  let hash = 0x811c9dc5
  for (const char of text) hash = Math.imul(hash ^ (char.codePointAt(0) ?? 0), 0x01000193)
  return hash >>> 0
}
