import { earliest, type Micros } from '../../shared/units.ts'

/** What is worth knowing of an entry without looking at it. */
export type Summary = {
  /** When it wants to be looked at again. */
  readonly dueAt: Micros | undefined
  /** One bit for each thing that somebody looks for. */
  readonly marks: number
}

type Summarize<V> = (value: V) => Summary
type Names = { readonly list: readonly string[]; readonly places: ReadonlyMap<string, number> }
type Block<V> = { readonly values: readonly V[]; readonly summaries: readonly Summary[]; readonly all: Summary }

/** Entries of a block: a change copies one block and the list of blocks. */
const BLOCK = 16

/**
 * A map in a fixed order that never changes. `with` returns another one that shares all other blocks with it. What is due,
 * or marked, is found without a walk over all entries.
 */
export class Table<V> implements ReadonlyMap<string, V> {
  readonly names: Names
  readonly blocks: readonly Block<V>[]
  readonly summarize: Summarize<V>
  readonly summary: Summary

  private constructor(names: Names, blocks: readonly Block<V>[], summarize: Summarize<V>) {
    this.names = names
    this.blocks = blocks
    this.summarize = summarize
    this.summary = combine(blocks.map(({ all }) => all))
  }

  static of<V>(entries: Iterable<readonly [string, V]>, summarize: Summarize<V>): Table<V> {
    const map = new Map(entries)
    const [list, values] = [[...map.keys()], [...map.values()]]
    const blocks = Array.from({ length: Math.ceil(values.length / BLOCK) }, (_, at) => {
      const own = values.slice(at * BLOCK, (at + 1) * BLOCK)
      return blockOf(own, own.map(summarize))
    })
    return new Table({ list, places: new Map(list.map((name, at) => [name, at])) }, blocks, summarize)
  }

  get size(): number {
    return this.names.list.length
  }

  has(name: string): boolean {
    return this.names.places.has(name)
  }

  get(name: string): V | undefined {
    const place = this.names.places.get(name)
    return place === undefined ? undefined : this.blocks[Math.floor(place / BLOCK)]?.values[place % BLOCK]
  }

  /** The same entries but this one. A name that is not there changes nothing. */
  with(name: string, value: V): Table<V> {
    const place = this.names.places.get(name)
    const block = place === undefined ? undefined : this.blocks[Math.floor(place / BLOCK)]
    if (place === undefined || block === undefined || block.values[place % BLOCK] === value) return this
    const values = block.values.with(place % BLOCK, value)
    const next = blockOf(values, block.summaries.with(place % BLOCK, this.summarize(value)))
    return new Table(this.names, this.blocks.with(Math.floor(place / BLOCK), next), this.summarize)
  }

  /** Names of the entries that are due by then, in order. */
  dueBy(now: Micros): readonly string[] {
    return this.#find(({ dueAt }) => dueAt !== undefined && dueAt <= now)
  }

  /** Names of the entries that have one of these marks, in order. */
  marked(marks: number): readonly string[] {
    return this.#find((summary) => (summary.marks & marks) !== 0)
  }

  #find(isWanted: (summary: Summary) => boolean): readonly string[] {
    if (!isWanted(this.summary)) return []
    return this.blocks.flatMap(({ all, summaries }, at) =>
      isWanted(all)
        ? summaries.flatMap((each, index) => (isWanted(each) ? (this.names.list[at * BLOCK + index] ?? []) : []))
        : [],
    )
  }

  keys(): MapIterator<string> {
    return this.names.places.keys()
  }

  *values(): Generator<V, undefined> {
    for (const { values } of this.blocks) yield* values
  }

  *entries(): Generator<[string, V], undefined> {
    let at = 0
    for (const value of this.values()) yield [this.names.list[at++] ?? '', value]
  }

  [Symbol.iterator](): MapIterator<[string, V]> {
    return this.entries()
  }

  forEach(call: (value: V, name: string, map: ReadonlyMap<string, V>) => void): void {
    for (const [name, value] of this) call(value, name, this)
  }
}

const blockOf = <V>(values: readonly V[], summaries: readonly Summary[]): Block<V> => ({
  values,
  summaries,
  all: combine(summaries),
})

function combine(summaries: readonly Summary[]): Summary {
  let dueAt: Micros | undefined
  let marks = 0
  for (const each of summaries) {
    dueAt = earliest(dueAt, each.dueAt)
    marks |= each.marks
  }
  return { dueAt, marks }
}
