import { printable } from '../../shared/log.ts'
import { err, ok, type Result } from '../../shared/result.ts'

/** Readers of single values in what a peer said. PURE. Errors are the end of a sentence that begins with the key. */

export type Read<T> = (value: unknown) => Result<T, string>

/** Names of nodes, instances and services, as haup.yaml allows them. */
const NAME = /^[A-Za-z0-9][A-Za-z0-9_.-]{0,62}$/

export const readBoolean: Read<boolean> = (value) =>
  typeof value === 'boolean' ? ok(value) : err('is neither true nor false')

export const readName: Read<string> = (value) =>
  typeof value === 'string' && NAME.test(value) ? ok(value) : err('is no name')

/** Free text, made safe for a log and cut to `longest` characters. */
export const readText =
  (longest: number): Read<string> =>
  (value) =>
    typeof value === 'string' ? ok(printable(value, longest)) : err('is no text')

export const readMatch =
  (pattern: RegExp): Read<string> =>
  (value) =>
    typeof value === 'string' && pattern.test(value) ? ok(value) : err(`does not look like ${pattern.source}`)

export const readWhole =
  (lowest: number, highest: number): Read<number> =>
  (value) =>
    typeof value === 'number' && Number.isSafeInteger(value) && value >= lowest && value <= highest
      ? ok(value)
      : err(`is no whole number from ${lowest} to ${highest}`)

export const readOneOf =
  <T extends string>(choices: readonly T[]): Read<T> =>
  (value) => {
    const found = choices.find((choice) => choice === value)
    return found === undefined ? err(`is none of ${choices.join(', ')}`) : ok(found)
  }

export const readOptional =
  <T>(read: Read<T>): Read<T | undefined> =>
  (value) =>
    value === undefined ? ok(undefined) : read(value)

export const readList =
  <T>(read: Read<T>, most: number): Read<readonly T[]> =>
  (value) => {
    if (!Array.isArray(value)) return err('is no list')
    if (value.length > most) return err(`has more than ${most} entries`)
    const entries: T[] = []
    for (const [index, each] of value.entries()) {
      const entry = read(each)
      if (!entry.ok) return err(`entry ${index}: ${entry.error}`)
      entries.push(entry.value)
    }
    return ok(entries)
  }

/** As a list, and no two entries have one name. */
export const readNamed =
  <T extends { readonly name: string }>(read: Read<T>, most: number): Read<readonly T[]> =>
  (value) => {
    const entries = readList(read, most)(value)
    if (!entries.ok) return entries
    const names = new Set(entries.value.map(({ name }) => name))
    return names.size === entries.value.length ? entries : err('names one thing twice')
  }

export const readRecord =
  <T>(key: RegExp, read: Read<T>, most: number): Read<Readonly<Record<string, T>>> =>
  (value) => {
    if (!isPlain(value)) return err('is no object')
    const found = Object.entries(value)
    if (found.length > most) return err(`has more than ${most} entries`)
    const entries: (readonly [string, T])[] = []
    for (const [name, each] of found) {
      if (!key.test(name)) return err('has a key of another form')
      const entry = read(each)
      if (!entry.ok) return err(`${name} ${entry.error}`)
      entries.push([name, entry.value])
    }
    return ok(Object.fromEntries(entries))
  }

/** The fields of `T`, each by its reader. Keys that no reader stands for are left out: later versions may say more. */
export const readObject =
  <T extends object>(readers: { readonly [K in keyof T]-?: Read<T[K]> }): Read<T> =>
  (value) => {
    if (!isPlain(value)) return err('is no object')
    const fields: Partial<T> = {}
    for (const key in readers) {
      const field = readers[key](Object.hasOwn(value, key) ? value[key] : undefined)
      if (!field.ok) return err(`${key} ${field.error}`)
      fields[key] = field.value
    }
    // Every key of T has been read.
    return ok(fields as T)
  }

const isPlain = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
