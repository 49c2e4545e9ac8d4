import * as z from 'zod'
import { NAME_HELP, NAME_PATTERN } from './read-text.ts'

/** Schema nodes for lists and mappings, with messages for people. */

export const listOf = <T extends z.ZodType>(item: T, min: number, max: number, description: string) =>
  z
    .array(item)
    .min(min, { error: `needs at least ${min} entry` })
    .max(max, { error: `has more than ${max} entries` })
    .describe(description)

/** A mapping from names to `item`. */
export const byName = <T extends z.ZodType>(item: T, what: string, max: number, description: string) =>
  z
    .record(z.string().regex(NAME_PATTERN, { error: `is no name for ${what}: use ${NAME_HELP}` }), item)
    .refine((record) => Object.keys(record).length <= max, { error: `has more than ${max} entries` })
    .describe(description)

/** A mapping that must have exactly one of `keys`. */
export const exactlyOne = <T extends z.ZodRawShape>(mapping: z.ZodObject<T, z.core.$strict>, keys: readonly string[]) =>
  mapping.superRefine((value: Readonly<Record<string, unknown>>, context) => {
    const present = keys.filter((key) => value[key] !== undefined)
    if (present.length === 1) return
    const message =
      present.length === 0 ? `needs one of ${keys.join(', ')}` : `has ${present.join(' and ')}: one is allowed`
    const remedy = present.length === 0 ? undefined : 'write each of them as an entry of its own, or leave one out'
    context.addIssue({ code: 'custom', message, params: { remedy }, input: value })
  })
