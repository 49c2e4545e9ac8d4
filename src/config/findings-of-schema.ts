import type { z } from 'zod'
import { printable } from '../shared/log.ts'
import { errorAt, type Finding, type Path } from './finding.ts'
import { nearest } from './nearest.ts'
import { documentSchema } from './schema.ts'

type Issue = z.core.$ZodIssue

/** Puts what zod complains about into the words of the file's reader. */
export const findingsOf = (issues: readonly Issue[]): Finding[] => issues.flatMap((issue) => findingsOfIssue(issue, []))

function findingsOfIssue(issue: Issue, parent: Path): Finding[] {
  const path = [...parent, ...issue.path.map((part) => (typeof part === 'number' ? part : String(part)))]
  switch (issue.code) {
    case 'unrecognized_keys':
      return issue.keys.map((key) => unknownKey(path, key))
    case 'invalid_key':
      return [{ ...errorAt(path, `"${printable(String(path.at(-1)), 60)}" ${issue.issues[0]?.message}`), at: 'key' }]
    case 'invalid_union':
      return branchOf(issue)?.flatMap((inner) => findingsOfIssue(inner, path)) ?? [errorAt(path, issue.message)]
    case 'invalid_type':
      return [errorAt(path, wrongShape(issue.expected, issue.input))]
    case 'custom':
      return [custom(path, issue)]
    default:
      return [errorAt(path, issue.message)]
  }
}

function custom(path: Path, issue: z.core.$ZodIssueCustom): Finding {
  const remedy = issue.params?.remedy
  const fallback = issue.input === undefined ? `add "${path.at(-1)}: ..." here` : undefined
  return errorAt(path, issue.message, typeof remedy === 'string' ? remedy : fallback)
}

/** Of the forms that a value may have, the one that was meant: a mapping if a mapping was written. */
function branchOf(issue: z.core.$ZodIssueInvalidUnion): readonly Issue[] | undefined {
  const isMapping = typeof issue.input === 'object' && issue.input !== null && !Array.isArray(issue.input)
  if (isMapping) return issue.errors.at(-1)
  return typeof issue.input === 'string' ? issue.errors[0] : undefined
}

function wrongShape(expected: string, input: unknown): string {
  if (input === undefined) return 'is missing'
  const wanted = expected === 'array' ? 'a list' : 'a mapping of keys to values'
  const found = input === null ? 'empty' : Array.isArray(input) ? 'a list' : `"${printable(String(input), 60)}"`
  return `must be ${wanted}, not ${found}`
}

function unknownKey(path: Path, key: string): Finding {
  const known = knownKeys(path)
  const near = nearest(key, known)
  const remedy = near === undefined ? `keys that exist here: ${known.join(', ')}` : `did you mean "${near}"?`
  return { ...errorAt([...path, key], `unknown key "${printable(key, 60)}"`, remedy), at: 'key' }
}

/** The keys that the schema has at a path; for a union, those of its mapping. */
function knownKeys(path: Path): string[] {
  let node: unknown = documentSchema
  for (const part of path) node = childOf(mappingIn(node), part)
  const mapping = mappingIn(node)
  return hasField(mapping, 'shape') ? Object.keys(Object(mapping.shape)) : []
}

function childOf(node: unknown, part: string | number): unknown {
  if (hasField(node, 'shape')) return Reflect.get(Object(node.shape), part)
  if (hasField(node, 'valueType')) return node.valueType
  return hasField(node, 'element') ? node.element : undefined
}

/** Looks through defaults, optionals and unions. */
function mappingIn(node: unknown): unknown {
  if (hasField(node, 'options') && Array.isArray(node.options)) return mappingIn(node.options.at(-1))
  const definition = hasField(node, 'def') ? node.def : undefined
  return hasField(definition, 'innerType') ? mappingIn(definition.innerType) : node
}

const hasField = <K extends string>(value: unknown, key: K): value is Record<K, unknown> =>
  typeof value === 'object' && value !== null && key in value
