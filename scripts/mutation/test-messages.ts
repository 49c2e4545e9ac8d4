import type { ChangedFile } from './loader.ts'

/** What is said between `npm run mutate` and the processes that run tests for it. */

/** Runs these files in order, up to the first failure; `measure`: also says what they ran, of these files. */
export type Order = {
  readonly tests: readonly string[]
  readonly changed: ChangedFile | undefined
  readonly measure: readonly string[] | undefined
}

/** A range of a file, and whether it was run; the innermost one counts. */
export type Ran = readonly [start: number, end: number, ran: boolean]

export type Reply =
  | { readonly kind: 'begins'; readonly test: string }
  | { readonly kind: 'passed'; readonly ranges: Readonly<Record<string, readonly Ran[]>> }
  | { readonly kind: 'failed'; readonly test: string; readonly name: string; readonly error: string }
