import { createWorld } from '../peers/world.ts'
import { createRandom, type Random } from '../random.ts'
import { areTwo, type Cell, cellOf } from './enumerate.ts'
import { type Fault, faultsOf } from './faults.ts'
import { gapOf, mayBeKnown } from './known-gaps.ts'
import { playFaults, settle } from './play.ts'
import { PAIR_SHAPES, type Shape, TRIO_SHAPES, worldOptions } from './shapes.ts'

export type Walk = { readonly cells: number; readonly steps: number; readonly wrong: string | undefined }

const LINES = 80

/**
 * Faults one after the other, alone or two at a time, over one and the same group: what an earlier one has left behind must
 * not matter to the next. Never two, and somebody within T, all the way.
 */
export async function walk(seed: number, rounds: number): Promise<Walk> {
  const random = createRandom(seed)
  const shape = random.pick([...PAIR_SHAPES, ...TRIO_SHAPES] as [Shape, ...Shape[]])
  const world = createWorld(worldOptions(shape))
  const over = (cells: number, wrong?: string): Walk => ({ cells, steps: world.steps(), wrong })
  let holder = await settle(world, { shape }, random)
  for (let round = 0; round < rounds; round++) {
    const cell = nextCell(shape, random)
    if (holder === undefined) return over(round, `walk ${seed}: held by ${world.accepting().join(' and ') || 'nobody'}`)
    const { problems } = await playFaults(world, cell, holder, random)
    if (problems.length > 0 && gapOf(cell, problems) === undefined) {
      const what = problems.map(({ kind, text }) => `${kind}: ${text}`).join('; ')
      return over(round, `walk ${seed}, ${cell.name}\n${what}\n${world.lines.slice(-LINES).join('\n')}`)
    }
    ;[holder] = world.accepting()
  }
  return over(rounds)
}

/** One fault or two; what is known not to hold is left out, so that the walk goes on. */
function nextCell(shape: Shape, random: Random): Cell {
  const known = faultsOf(shape).filter((fault) => !mayBeKnown(fault))
  const pick = (): readonly Fault[] => known.slice(random.between(0, known.length - 1)).slice(0, 1)
  const [first, second] = [...pick(), ...pick()]
  const isPair = random.chance(0.5) && first !== undefined && second !== undefined && areTwo(first, second)
  return cellOf(shape, [...(first === undefined ? [] : [first]), ...(isPair ? [second] : [])])
}
