import type {
  ArrayExpression,
  BinaryExpression,
  CallExpression,
  Expression,
  Literal,
  Node,
  ObjectExpression,
} from 'acorn'
import type { AnyNode, Change, Source } from './source.ts'
import { changesOfStatements } from './statements.ts'

/** What may be wrong with one node; `parents` begins with the program. */
export function changesOf(node: AnyNode, parents: readonly AnyNode[], source: Source): readonly Change[] {
  switch (node.type) {
    case 'BinaryExpression':
      return changesOfBinary(node, source)
    case 'LogicalExpression': {
      const { left, right, operator } = node
      if (operator === '??') return [replace(node, textOf(right, source))]
      return [between(left, right, source, operator === '&&' ? '||' : '&&')]
    }
    case 'UnaryExpression':
      return node.operator === '!' ? [replace(node, textOf(node.argument, source))] : []
    case 'Literal':
      return changesOfLiteral(node, parents)
    case 'IfStatement':
      return [...negation(node.test, source), ...changesOfStatements(node, parents, source)]
    case 'ConditionalExpression': {
      const { consequent, alternate } = node
      const middle = source.code.slice(consequent.end, alternate.start)
      const text = `${textOf(alternate, source)}${middle}${textOf(consequent, source)}`
      return [{ start: consequent.start, end: alternate.end, text }]
    }
    case 'ArrayExpression':
      return changesOfArray(node, source)
    case 'ObjectExpression':
      return changesOfObject(node, source)
    case 'CallExpression':
      return changesOfCall(node, source)
    default:
      return changesOfStatements(node, parents, source)
  }
}

const COMPARISONS: Readonly<Record<string, readonly string[]>> = {
  '<': ['<=', '>='],
  '<=': ['<', '>'],
  '>': ['>=', '<='],
  '>=': ['>', '<'],
  '===': ['!=='],
  '!==': ['==='],
  '+': ['-'],
  '-': ['+'],
  '*': ['/'],
  '/': ['*'],
}

function changesOfBinary(node: BinaryExpression, source: Source): readonly Change[] {
  const { left, right, operator } = node
  if (left.type === 'PrivateIdentifier') return []
  return (COMPARISONS[operator] ?? []).map((other) => between(left, right, source, other))
}

/** Off by one, twice as long, and the other truth value. */
function changesOfLiteral(node: Literal, parents: readonly AnyNode[]): readonly Change[] {
  const { value } = node
  if (typeof value === 'boolean') return [replace(node, String(!value))]
  if (typeof value !== 'number') return []
  const isConstant = !parents.some(({ type }) => FUNCTIONS.has(type))
  return [replace(node, String(value === 0 ? 1 : isConstant ? 2 * value : value - 1))]
}

export const FUNCTIONS: ReadonlySet<string> = new Set([
  'FunctionDeclaration',
  'FunctionExpression',
  'ArrowFunctionExpression',
])

/** A comparison has its own opposites. */
function negation(test: Expression, source: Source): readonly Change[] {
  const isCovered = test.type === 'BinaryExpression' || (test.type === 'UnaryExpression' && test.operator === '!')
  return isCovered ? [] : [replace(test, `!(${textOf(test, source)})`)]
}

/** Emptied, one spread element left out, two neighbours exchanged. */
function changesOfArray(node: ArrayExpression, source: Source): readonly Change[] {
  const elements = node.elements.flatMap((element) => element ?? [])
  if (elements.length === 0) return []
  const spreads = elements.filter(({ type }) => type === 'SpreadElement' && elements.length > 1)
  const swaps = elements.slice(1).flatMap((second, index) => {
    const first = elements[index]
    return first === undefined ? [] : [swap(first, second, source)]
  })
  return [replace(node, '[]'), ...spreads.map((spread) => without(spread, source)), ...swaps]
}

/** What is changed in a copy is left as it was. Without what is copied the types would not fit. */
function changesOfObject({ properties }: ObjectExpression, source: Source): readonly Change[] {
  const changed = properties.filter(({ type }) => type === 'Property')
  return changed.length < properties.length ? changed.map((property) => without(property, source)) : []
}

const OTHER_CALL: Readonly<Record<string, string>> = {
  min: 'max',
  max: 'min',
  some: 'every',
  every: 'some',
  floor: 'ceil',
  ceil: 'floor',
  plus: 'minus',
  minus: 'plus',
}

function changesOfCall(node: CallExpression, source: Source): readonly Change[] {
  const { callee, arguments: given, end } = node
  const name = callee.type === 'MemberExpression' ? callee.property : callee
  const changes: Change[] = []
  if (name.type !== 'Identifier') return changes
  const other = OTHER_CALL[name.name]
  if (other === 'minus' || other === 'plus') {
    // The file may have imported one of them only; times are numbers.
    const [first, second] = given
    if (callee.type !== 'Identifier' || first === undefined || second === undefined) return changes
    const sign = other === 'minus' ? '-' : '+'
    return [replace(node, `((${textOf(first, source)}) ${sign} (${textOf(second, source)}))`)]
  }
  if (other !== undefined) changes.push(replace(name, other))
  if (callee.type === 'MemberExpression' && (name.name === 'filter' || name.name === 'toSorted')) {
    changes.push({ start: callee.object.end, end, text: '' })
  }
  return changes
}

export const textOf = ({ start, end }: Node, { code }: Source): string => code.slice(start, end)

export const replace = ({ start, end }: Node, text: string): Change => ({ start, end, text })

/** Another operator between two operands. */
function between(left: Node, right: Node, source: Source, operator: string): Change {
  const between = source.code.slice(left.end, right.start)
  return { start: left.end, end: right.start, text: between.replace(/[<>=!+\-*/&|]+/, operator) }
}

export function swap(first: Node, second: Node, source: Source): Change {
  const middle = source.code.slice(first.end, second.start)
  return { start: first.start, end: second.end, text: `${textOf(second, source)}${middle}${textOf(first, source)}` }
}

/** An element left out of a list, with the comma that follows it. */
function without(element: Node, { code }: Source): Change {
  const comma = /^\s*,/.exec(code.slice(element.end))
  return { start: element.start, end: element.end + (comma?.[0].length ?? 0), text: '' }
}
