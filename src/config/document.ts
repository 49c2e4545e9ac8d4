import { type Document, isAlias, isMap, isNode, isScalar, isSeq, LineCounter, parseDocument, visit } from 'yaml'
import { printable } from '../shared/log.ts'
import { err, ok, type Result } from '../shared/result.ts'
import { type Finding, formatPath, type Path } from './finding.ts'
import type { ConfigProblem } from './types.ts'

/** Text -> plain data, with the place of every key and value. PURE. */

export type SourceDocument = {
  readonly data: unknown
  readonly place: (finding: Finding) => ConfigProblem
  /** Whether a path stands in the file, as opposed to a default. */
  readonly isWritten: (path: Path) => boolean
}

/** `file` is only named in the problems. */
export function parseYaml(text: string, file: string): Result<SourceDocument, ConfigProblem[]> {
  const lines = new LineCounter()
  const at = (offset: number) => {
    const { line, col } = lines.linePos(offset)
    return { file, line: Math.max(1, line), column: Math.max(1, col) }
  }
  const problem = (offset: number, message: string, remedy?: string): ConfigProblem => ({
    severity: 'error',
    place: at(offset),
    path: '',
    message: printable(message),
    remedy,
  })
  try {
    const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, logLevel: 'error', strict: true })
    const { errors, warnings } = document
    const deep = errors.find(({ message }) => STACK_OVERFLOW.test(message))
    if (deep !== undefined) return err([problem(deep.pos[0], TOO_DEEP)])
    const faults = [...errors, ...warnings].map((fault) => problem(fault.pos[0], fault.message, remedyOf(fault.code)))
    faults.push(...findForbidden(document).map(({ offset, message }) => problem(offset, message)))
    if (faults.length > 0) return err(faults.toSorted((a, b) => a.place.line - b.place.line).slice(0, MOST_FAULTS))
    const place = (finding: Finding): ConfigProblem => ({
      severity: finding.severity,
      place: at(offsetOf(document, finding)),
      path: printable(formatPath(finding.path)),
      message: printable(finding.message, LONGEST),
      remedy: finding.remedy === undefined ? undefined : printable(finding.remedy, LONGEST),
    })
    const isWritten = (path: Path) => walk(document, path).missing === 0
    return ok({ data: document.toJS({ maxAliasCount: 0 }), place, isWritten })
  } catch (error) {
    if (error instanceof RangeError) return err([problem(0, TOO_DEEP)])
    throw error
  }
}

// The parser recurses: thousands of nested brackets overflow the stack, which is the file's fault. It reports some itself.
const STACK_OVERFLOW = /Maximum call stack size exceeded/
const TOO_DEEP = 'is nested too deeply'
/** Messages quote the file, and some list all the keys that there are. */
const LONGEST = 1_000
/** One slip can make every line after it wrong. */
const MOST_FAULTS = 20

const remedyOf = (code: string): string | undefined => {
  if (code === 'DUPLICATE_KEY') return 'keep one of the two, or give them different names'
  if (code === 'TAB_AS_INDENT') return 'indent with spaces'
  if (code === 'MULTIPLE_DOCS') return 'remove the line "---"'
  return undefined
}

/** Aliases (which can blow a small file up), and keys that are no plain text. */
function findForbidden(document: Document): { offset: number; message: string }[] {
  const found: { offset: number; message: string }[] = []
  const add = (node: unknown, message: string) =>
    found.push({ offset: (isNode(node) ? node.range?.[0] : undefined) ?? 0, message })
  visit(document, (_, node) => {
    if (isAlias(node)) add(node, 'aliases (*name) are not supported: write the value out')
    if (!isMap(node)) return
    for (const { key } of node.items) {
      const name = isScalar(key) ? String(key.value) : undefined
      if (name === undefined || name === '__proto__') add(key, 'this cannot be a key')
    }
  })
  return found
}

type Found = { readonly key: number | undefined; readonly value: number | undefined; readonly missing: number }

function offsetOf(document: Document, { path, at }: Finding): number {
  const { key, value, missing } = walk(document, path)
  // What is missing is told at the key that lacks it.
  return (at === 'key' || missing > 0 ? (key ?? value) : (value ?? key)) ?? 0
}

/** Follows a path as far as it exists. */
function walk(document: Document, path: Path): Found {
  let node: unknown = document.contents
  let found = { key: undefined as number | undefined, value: startOf(node) }
  for (const [depth, part] of path.entries()) {
    const child = childOf(node, part)
    if (child === undefined) return { ...found, missing: path.length - depth }
    node = child.value
    found = { key: startOf(child.key), value: startOf(child.value) ?? startOf(child.key) }
  }
  return { ...found, missing: 0 }
}

function childOf(node: unknown, part: string | number): { key: unknown; value: unknown } | undefined {
  if (isMap(node)) return node.items.find(({ key }) => isScalar(key) && String(key.value) === String(part))
  if (!isSeq(node) || typeof part !== 'number' || part >= node.items.length) return undefined
  return { key: node.items[part], value: node.items[part] }
}

const startOf = (node: unknown): number | undefined => (isNode(node) ? node.range?.[0] : undefined)
