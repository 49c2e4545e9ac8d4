import type { ArrowFunctionExpression, Node, ReturnStatement, Statement } from 'acorn'
import { FUNCTIONS, replace, swap, textOf } from './operators.ts'
import type { AnyNode, Change, Source } from './source.ts'

/** A statement or a guard left out, two neighbours exchanged, nothing returned. */
export function changesOfStatements(node: AnyNode, parents: readonly AnyNode[], source: Source): readonly Change[] {
  switch (node.type) {
    case 'ExpressionStatement':
    case 'ContinueStatement':
      return [replace(node, '{}')]
    case 'IfStatement':
      return node.alternate == null ? [replace(node, '{}')] : []
    case 'ReturnStatement':
      return changesOfReturn(node, parents, source)
    case 'ArrowFunctionExpression':
      return changesOfArrow(node, source)
    case 'BlockStatement':
      return swaps(node.body, source)
    case 'SwitchCase':
      return swaps(node.consequent, source)
    default:
      return []
  }
}

function swaps(statements: readonly Statement[], source: Source): readonly Change[] {
  return statements.slice(1).flatMap((second, index) => {
    const first = statements[index]
    const isMeant = first !== undefined && isMovable(first) && isMovable(second) && !areAlike(first, second, source)
    return isMeant ? [swap(first, second, source)] : []
  })
}

/** Two guards that do the same may stand in any order. */
const areAlike = (first: Statement, second: Statement, source: Source): boolean =>
  first.type === 'IfStatement' &&
  second.type === 'IfStatement' &&
  textOf(first.consequent, source) === textOf(second.consequent, source)

const isMovable = ({ type }: Statement): boolean => type === 'ExpressionStatement' || type === 'IfStatement'

/** A bare `return` that ends its block changes nothing; one in a guard is left out together with it. */
function changesOfReturn(node: ReturnStatement, parents: readonly AnyNode[], source: Source): readonly Change[] {
  const { argument } = node
  const owner = parents.findLast(({ type }) => FUNCTIONS.has(type))
  if (argument == null || owner === undefined) return []
  const text = nothingOf(argument, resultType(owner, source))
  return text === undefined ? [] : [replace(argument, text)]
}

function changesOfArrow(node: ArrowFunctionExpression, source: Source): readonly Change[] {
  const { body } = node
  if (body.type === 'BlockStatement') return []
  const text = nothingOf(body, resultType(node, source))
  return text === undefined ? [] : [replace(body, text)]
}

/** What a function may return instead without breaking its type, where the type says so. */
function nothingOf(result: Node, type: string): string | undefined {
  const isEmpty = (result as AnyNode).type === 'Identifier' && (result as { name?: string }).name === 'undefined'
  if (isEmpty) return undefined
  if (/\bundefined\b/.test(type)) return 'undefined'
  return type.endsWith('[]') && !(result.end - result.start === 2) ? '[]' : undefined
}

/** The annotation between the parameters and the body, as it is written. */
export function resultType(owner: AnyNode, { typed, code }: Source): string {
  if (!('params' in owner) || !('body' in owner) || Array.isArray(owner.body)) return ''
  const close = code.indexOf(')', owner.params.at(-1)?.end ?? owner.start)
  if (close === -1 || close > owner.body.start) return ''
  const text = typed.slice(close + 1, owner.body.start)
  return (owner.type === 'ArrowFunctionExpression' ? text.slice(0, text.lastIndexOf('=>')) : text).trim()
}
