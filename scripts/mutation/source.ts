import { readFileSync } from 'node:fs'
import { stripTypeScriptTypes } from 'node:module'
import { type AnyNode, type Program, parse } from 'acorn'

/** A file of the project as it is written, as Node runs it, and parsed. Positions are the same in all three. */
export type Source = { readonly typed: string; readonly code: string; readonly program: Program }

/** A piece of a file that is replaced. */
export type Change = { readonly start: number; readonly end: number; readonly text: string }

export type { AnyNode }

/** Node blanks types out, so that everything else stays where it was. */
export function sourceOf(typed: string): Source {
  const code = stripTypeScriptTypes(typed)
  if (code.length !== typed.length) throw new Error('types were not replaced by as many blanks')
  return { typed, code, program: parse(code, { ecmaVersion: 'latest', sourceType: 'module' }) }
}

export const readSource = (file: string): Source => sourceOf(readFileSync(file, 'utf8'))

export const applied = (code: string, { start, end, text }: Change): string =>
  code.slice(0, start) + text + code.slice(end)
