import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'yaml'
import { root } from './loader.ts'
import type { Mutant } from './mutants.ts'

/** By file and change, why no test notices it. */
export type Explained = Readonly<Record<string, Readonly<Record<string, string>>>>

export const EXPLAINED = 'test/mutation/explained.yaml'

export function readExplained(): Explained {
  const read: unknown = parse(readFileSync(join(root, EXPLAINED), 'utf8')) ?? {}
  if (!isExplained(read)) throw new Error(`${EXPLAINED}: expected files, in them changes, for each of them a reason`)
  return read
}

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null

const isExplained = (value: unknown): value is Explained =>
  isRecord(value) &&
  Object.values(value).every(
    (changes) =>
      isRecord(changes) &&
      Object.values(changes).every((reason) => typeof reason === 'string' && reason.trim().length > 20),
  )

export const whyHarmless = (explained: Explained, { file, change }: Mutant): string | undefined =>
  explained[file]?.[change]

/** Explanations of changes to these files that can no longer be made, or that a test notices by now. */
export function outdated(
  explained: Explained,
  files: readonly string[],
  survivors: readonly Mutant[],
): readonly string[] {
  const alive = new Set(survivors.map(({ file, change }) => `${file} ${change}`))
  return files.flatMap((file) =>
    Object.keys(explained[file] ?? {})
      .filter((change) => !alive.has(`${file} ${change}`))
      .map((change) => `${file}: ${change}`),
  )
}
