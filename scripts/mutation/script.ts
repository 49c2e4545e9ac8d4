import type { AnyNode, ExportNamedDeclaration, ImportDeclaration, Pattern } from 'acorn'
import { simple } from 'acorn-walk'
import type { Source } from './source.ts'

/**
 * A module as the body of a function of `PARAMETERS`, so that it can be run again and again with other modules beneath
 * it, which Node's own modules cannot. What is imported is read when it begins: enough where no values are imported in a
 * circle.
 */
export type Script = {
  /** Comes before the code, and moves it by its length. */
  readonly head: string
  /** As long as the module, with everything in its place. */
  readonly code: string
  readonly foot: string
  /** What it imports, as it is written. */
  readonly specifiers: readonly string[]
}

/** The last one stands for `import.meta`, and is as long. */
export const PARAMETERS = ['load', 'exports', 'importMeta_']

export function scriptOf({ code, program }: Source): Script {
  const head: string[] = []
  const foot: string[] = []
  const specifiers: string[] = []
  let rest = code
  const blank = (start: number, end: number): void => {
    rest = rest.slice(0, start) + rest.slice(start, end).replace(/[^\n]/g, ' ') + rest.slice(end)
  }
  simple(program, {
    MetaProperty: ({ start, end }) => {
      rest = `${rest.slice(0, start)}importMeta_${rest.slice(end)}`
    },
  })
  for (const node of program.body) {
    if (node.type === 'ImportDeclaration') {
      head.push(importing(node))
      specifiers.push(String(node.source.value))
      blank(node.start, node.end)
    } else if (node.type === 'ExportNamedDeclaration') {
      foot.push(...exported(node))
      if (node.source != null) specifiers.push(String(node.source.value))
      blank(node.start, node.declaration?.start ?? node.end)
    } else if (node.type === 'ExportDefaultDeclaration' || node.type === 'ExportAllDeclaration') {
      throw new Error(`${node.type}: not in this project`)
    }
  }
  return { head: head.join(''), code: rest, foot: `\n${foot.join('')}`, specifiers }
}

function importing({ source, specifiers }: ImportDeclaration): string {
  const from = `load(${JSON.stringify(source.value)})`
  const names = specifiers.flatMap((each) =>
    each.type === 'ImportSpecifier' ? [`${nameOf(each.imported)}:${each.local.name}`] : [],
  )
  const whole = specifiers.flatMap((each) => {
    if (each.type === 'ImportNamespaceSpecifier') return [`const ${each.local.name}=${from};`]
    return each.type === 'ImportDefaultSpecifier' ? [`const ${each.local.name}=load.default(${from});`] : []
  })
  return `${whole.join('')}const{${names.join()}}=${from};`
}

function exported({ declaration, specifiers, source }: ExportNamedDeclaration): readonly string[] {
  const from = source == null ? '' : `load(${JSON.stringify(source.value)}).`
  const listed = specifiers.map((each) => `exports.${nameOf(each.exported)}=${from}${nameOf(each.local)};`)
  return [...listed, ...(declaration == null ? [] : declaredBy(declaration)).map((name) => `exports.${name}=${name};`)]
}

const nameOf = (node: AnyNode): string => (node.type === 'Identifier' ? node.name : fail(node))

function declaredBy(node: AnyNode): readonly string[] {
  if (node.type === 'FunctionDeclaration' || node.type === 'ClassDeclaration')
    return node.id == null ? [] : [node.id.name]
  return node.type === 'VariableDeclaration' ? node.declarations.flatMap(({ id }) => namesIn(id)) : fail(node)
}

const namesIn = (pattern: Pattern): readonly string[] =>
  pattern.type === 'Identifier' ? [pattern.name] : fail(pattern)

function fail({ type }: AnyNode): never {
  throw new Error(`an export of kind ${type}: not in this project`)
}
