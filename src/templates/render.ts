import Handlebars from 'handlebars'
import { parse } from 'yaml'

/**
 * Fills a template in. PURE. No HTML escaping; a variable that is missing is an error (a bug of ours: throws), so every
 * key of `data` must be there, with null for what is left out. `{{yaml x}}` writes a value so that YAML reads it back.
 */
export function render(template: string, data: Readonly<Record<string, unknown>>): string {
  const handlebars = Handlebars.create()
  handlebars.registerHelper('yaml', (value: unknown) => yamlScalar(value))
  return handlebars.compile(template, { strict: true, noEscape: true })(data)
}

/** Plain where YAML reads the same text back, also inside [] and {}; otherwise in double quotes. */
export function yamlScalar(value: unknown): string {
  if (typeof value === 'number' || typeof value === 'boolean') return String(value)
  if (typeof value !== 'string') throw new Error(`a template asks for a text, not ${typeof value}`)
  return PLAIN.test(value) && !BOOLEAN_ONCE.test(value) && readsBack(value) ? value : JSON.stringify(value)
}

/** No indicator of YAML anywhere in it. */
const PLAIN = /^(?:-?[A-Za-z]|[0-9/_.])[A-Za-z0-9/_.@+=-]*$/

/** Booleans to YAML 1.1, which other tools and people may still read. */
const BOOLEAN_ONCE = /^(yes|no|on|off|y|n)$/i

const readsBack = (text: string): boolean => parse(text, { logLevel: 'silent' }) === text
