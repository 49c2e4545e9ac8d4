import { createRandom } from '../random.ts'
import { type Fault, faultsOf, largeFaults } from './faults.ts'
import { nameOf, ODD_SHAPES, PAIR_SHAPES, type Shape, shapeNamed, TRIO_SHAPES, WIDE_SHAPES } from './shapes.ts'

/** A shape, and the faults that come over it in this order. */
export type Cell = { readonly name: string; readonly shape: Shape; readonly faults: readonly Fault[] }

export const cellOf = (shape: Shape, faults: readonly Fault[]): Cell => ({
  name: `${nameOf(shape)}: ${faults.map(({ name }) => name).join(' + ')}`,
  shape,
  faults,
})

/** Every single fault, in every shape of two nodes. */
export const singles = (): readonly Cell[] => [
  ...[...PAIR_SHAPES, ...ODD_SHAPES].flatMap((shape) => faultsOf(shape).map((fault) => cellOf(shape, [fault]))),
  ...WIDE_SHAPES.flatMap((shape) => largeFaults(shape).map((fault) => cellOf(shape, [fault]))),
]

/** Every two of them, in either order. */
export const pairs = (): readonly Cell[] => [...PAIR_SHAPES, ...ODD_SHAPES].flatMap(pairsOf)

const pairsOf = (shape: Shape): readonly Cell[] => {
  const faults = faultsOf(shape).filter(({ isVariant }) => isVariant !== true)
  return faults.flatMap((first) =>
    faults.filter((second) => areTwo(first, second)).map((second) => cellOf(shape, [first, second])),
  )
}

/** Two states of one node are one state. */
export const areTwo = ({ kind: a, name }: Fault, { kind: b, ...second }: Fault): boolean =>
  name !== second.name && !(a.of === 'node' && b.of === 'node' && a.role === b.role && name > second.name)

/** For each day: each fault in the shape that is most common, and so many in each of the others. */
export function someSingles(seed: number, each: number): readonly Cell[] {
  const [twoLines = [], ...shapes] = [...PAIR_SHAPES, ...ODD_SHAPES].map((shape) =>
    faultsOf(shape).map((fault) => cellOf(shape, [fault])),
  )
  const wide = WIDE_SHAPES.flatMap((shape) => largeFaults(shape).map((fault) => cellOf(shape, [fault])))
  return [...twoLines, ...shapes.flatMap((cells, index) => drawn(cells, seed + index, each)), ...drawn(wide, seed, 3)]
}

/** Three nodes: so many singles, and so many pairs, of each shape. */
export const trios = (seed: number, each: number): readonly Cell[] =>
  TRIO_SHAPES.flatMap((shape) => [
    ...drawn(
      faultsOf(shape).map((fault) => cellOf(shape, [fault])),
      seed,
      each,
    ),
    ...drawn(pairsOf(shape), seed, each),
  ])

/** So many of the cells, drawn by the seed. */
export function drawn(cells: readonly Cell[], seed: number, count: number): readonly Cell[] {
  const random = createRandom(seed)
  const left = [...cells]
  return Array.from({ length: Math.min(count, left.length) }, () => {
    const index = random.between(0, left.length - 1)
    const [cell] = left.splice(index, 1, ...left.splice(left.length - 1, 1))
    return cell
  }).flatMap((cell) => cell ?? [])
}

/** The cell of this name; undefined: there is none. */
export function cellNamed(name: string): Cell | undefined {
  const [shapeName = '', faultNames = ''] = name.split(': ')
  const shape = shapeNamed(shapeName)
  if (shape === undefined) return undefined
  const known = new Map([...faultsOf(shape), ...largeFaults(shape)].map((fault) => [fault.name, fault]))
  const faults = faultNames.split(' + ').flatMap((each) => known.get(each) ?? [])
  const cell = cellOf(shape, faults)
  return cell.name === name ? cell : undefined
}
