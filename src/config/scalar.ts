import * as z from 'zod'
import type { Reader } from './read.ts'

/** What the JSON Schema export says of a value; the reader beside it is what decides. */
export type JsonForm = {
  readonly type?: 'string' | 'integer' | 'boolean' | 'array' | 'object' | readonly ['integer', 'string']
  readonly description: string
  readonly [keyword: string]: unknown
}

/** A schema node for one value: read by a `Reader`, described for the JSON Schema export, one source for both. */
export const scalar = <T>(form: JsonForm, read: Reader<T>) =>
  z
    .unknown()
    .transform((value, context): T => {
      const result = read(value)
      if (result.ok) return result.value
      const { message, remedy } = result.error
      context.addIssue({ code: 'custom', message, params: { remedy }, input: value })
      return z.NEVER
    })
    .meta({ ...form })

export const DURATION_PATTERN = '^\\d+(\\.\\d+)?(us|ms|s|m|h)$'

export const durationForm = (description: string): JsonForm => ({
  type: 'string',
  pattern: DURATION_PATTERN,
  description,
})

export const argvForm = (description: string): JsonForm => ({
  type: 'array',
  items: { type: 'string' },
  minItems: 1,
  description,
})
