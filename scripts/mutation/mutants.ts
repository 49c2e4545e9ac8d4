import { fullAncestor } from 'acorn-walk'
import { changesOf, FUNCTIONS } from './operators.ts'
import type { AnyNode, Change, Source } from './source.ts'
import { resultType } from './statements.ts'

/** One way in which a file could be wrong. */
export type Mutant = Change & {
  readonly file: string
  readonly line: number
  /** The function that it is in, or the constant. */
  readonly inside: string
  /** What is changed into what, on one line; unique in its file. Stays the same when lines move. */
  readonly change: string
}

export function mutantsOf(file: string, source: Source): readonly Mutant[] {
  const found = new Map<string, Change & { readonly node: AnyNode; readonly inside: string }>()
  fullAncestor(source.program, (node, _state, ancestors) => {
    const parents = ancestors.slice(0, -1)
    if (isText(ancestors, source)) return
    for (const change of changesOf(node, parents, source)) {
      const { start, end, text } = change
      if (text === source.code.slice(start, end)) continue
      found.set(`${start} ${end} ${text}`, { ...change, node, inside: nameOf(ancestors) })
    }
  })
  const seen = new Map<string, number>()
  return [...found.values()]
    .toSorted((a, b) => a.start - b.start || a.end - b.end)
    .map(({ node, inside, start, end, text }) => {
      const words = `${inside}: ${describe(source, node, { start, end, text })}`
      const times = (seen.get(words) ?? 0) + 1
      seen.set(words, times)
      const change = times === 1 ? words : `${words} #${times}`
      return { file, line: lineOf(source.code, start), inside, change, start, end, text }
    })
}

const TOLD: ReadonlySet<string> = new Set(['log', 'complain', 'assertNever'])

/** Words for people and what goes into them, and imports: no decision. */
function isText(ancestors: readonly AnyNode[], source: Source): boolean {
  return ancestors.some((node, index) => {
    if (node.type === 'TemplateLiteral' || node.type === 'ImportDeclaration' || node.type === 'ThrowStatement')
      return true
    if (FUNCTIONS.has(node.type)) return /^: (?:readonly )?string(?:\[\])?$/.test(resultType(node, source))
    if (node.type !== 'CallExpression' || node.callee.type !== 'Identifier') return false
    const isArgument = ancestors[index + 1] !== undefined && ancestors[index + 1] !== node.callee
    return isArgument && TOLD.has(node.callee.name)
  })
}

/** The nearest name around: a function, a method, a constant. */
function nameOf(ancestors: readonly AnyNode[]): string {
  for (let i = ancestors.length - 1; i >= 0; i -= 1) {
    const [parent, node] = [ancestors[i - 1], ancestors[i]]
    if (node?.type === 'FunctionDeclaration') return node.id?.name ?? 'default'
    const isFunction = node !== undefined && FUNCTIONS.has(node.type)
    if (isFunction && parent?.type === 'Property' && parent.key.type === 'Identifier') return parent.key.name
    if (isFunction && parent?.type === 'VariableDeclarator' && parent.id.type === 'Identifier') return parent.id.name
    const isTop = ancestors[i - 3]?.type === 'Program' || ancestors[i - 2]?.type === 'Program'
    if (isTop && node?.type === 'VariableDeclarator' && node.id.type === 'Identifier') return node.id.name
  }
  return ''
}

/** The whole expression before and after; of a statement that goes, and of two that change places, enough to know them. */
function describe({ code }: Source, node: AnyNode, change: Change): string {
  const { start, end, text } = change
  const isWhole = node.start === start && node.end === end
  if (isWhole && text === '{}') return `without ${short(code.slice(start, end))}`
  if (isWhole) return `${short(code.slice(start, end))} -> ${short(text)}`
  if (text === '') return `without ${short(code.slice(start, end))}`
  const isSmall = node.end - node.start <= MOST
  if (!isSmall) return `${short(code.slice(start, end))} -> ${short(text)}`
  const after = code.slice(node.start, start) + text + code.slice(end, node.end)
  return `${short(code.slice(node.start, node.end))} -> ${short(after)}`
}

const MOST = 110
const short = (text: string): string => {
  const line = text.replace(/\s+/g, ' ').trim()
  return line.length <= MOST ? line : `${line.slice(0, MOST - 40)} ... ${line.slice(-35)}`
}

const lineOf = (code: string, at: number): number => code.slice(0, at).split('\n').length
