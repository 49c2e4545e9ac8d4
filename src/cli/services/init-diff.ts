import { printable } from '../../shared/log.ts'

/** Unified diff of two small texts, as `diff -u` prints it. PURE. */

type Line = { readonly mark: ' ' | '-' | '+'; readonly text: string }

/** Lines of unchanged text around each change. */
const CONTEXT = 3

/** Empty when the texts are equal. */
export function unifiedDiff(before: string, after: string, names: { before: string; after: string }): string[] {
  const lines = compare(linesOf(before), linesOf(after))
  if (lines.every(({ mark }) => mark === ' ')) return []
  return [`--- ${names.before}`, `+++ ${names.after}`, ...hunksOf(lines).flatMap((hunk) => formatHunk(lines, hunk))]
}

const linesOf = (text: string): string[] => (text === '' ? [] : text.replace(/\n$/, '').split('\n'))

/** By the longest common subsequence; removals before additions. */
function compare(before: readonly string[], after: readonly string[]): Line[] {
  const common = commonLengths(before, after)
  const at = (row: number, column: number): number => common[row]?.[column] ?? 0
  const lines: Line[] = []
  let [row, column] = [0, 0]
  while (row < before.length || column < after.length) {
    const [old, fresh] = [before[row], after[column]]
    if (old !== undefined && old === fresh) {
      lines.push({ mark: ' ', text: old })
      row++
      column++
    } else if (old !== undefined && (fresh === undefined || at(row + 1, column) >= at(row, column + 1))) {
      lines.push({ mark: '-', text: old })
      row++
    } else {
      lines.push({ mark: '+', text: fresh ?? '' })
      column++
    }
  }
  return lines
}

/** `[row][column]`: how many lines the rest of both have in common. */
function commonLengths(before: readonly string[], after: readonly string[]): number[][] {
  const lengths: number[][] = Array.from({ length: before.length + 1 }, () =>
    new Array<number>(after.length + 1).fill(0),
  )
  for (let row = before.length - 1; row >= 0; row--) {
    for (let column = after.length - 1; column >= 0; column--) {
      const [current, below] = [lengths[row], lengths[row + 1]]
      if (current === undefined || below === undefined) continue
      const isSame = before[row] === after[column]
      current[column] = isSame ? (below[column + 1] ?? 0) + 1 : Math.max(below[column] ?? 0, current[column + 1] ?? 0)
    }
  }
  return lengths
}

type Range = { readonly from: number; readonly to: number }

function hunksOf(lines: readonly Line[]): Range[] {
  const hunks: Range[] = []
  for (const [index, { mark }] of lines.entries()) {
    if (mark === ' ') continue
    const last = hunks.at(-1)
    const to = Math.min(lines.length, index + CONTEXT + 1)
    if (last !== undefined && index - CONTEXT <= last.to) hunks[hunks.length - 1] = { from: last.from, to }
    else hunks.push({ from: Math.max(0, index - CONTEXT), to })
  }
  return hunks
}

function formatHunk(lines: readonly Line[], { from, to }: Range): string[] {
  const count = (range: readonly Line[], other: Line['mark']) => range.filter(({ mark }) => mark !== other).length
  const [earlier, hunk] = [lines.slice(0, from), lines.slice(from, to)]
  const span = (other: Line['mark']): string => {
    const length = count(hunk, other)
    return `${count(earlier, other) + (length === 0 ? 0 : 1)},${length}`
  }
  return [`@@ -${span('+')} +${span('-')} @@`, ...hunk.map(({ mark, text }) => `${mark}${text}`)]
}

/** What would change in a file, for a terminal; a secret is not shown. */
export function describeChanges(file: { path: string; content: string; isSecret: boolean }, before: string): string[] {
  if (file.isSecret) return [`the secret in ${file.path} ${before === '' ? 'is new' : 'changes'}`]
  const diff = unifiedDiff(before, file.content, { before: file.path, after: `${file.path} (new)` })
  return diff.map((line) => `${line.slice(0, 1)}${printableLine(line.slice(1))}`)
}

/** Like `printable`, which would take the indentation away. */
const printableLine = (text: string): string => `${/^ */.exec(text)?.[0] ?? ''}${printable(text)}`
