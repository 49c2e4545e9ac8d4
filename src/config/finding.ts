/** Where in the document, as keys and list indexes. */
export type Path = readonly (string | number)[]

/** A problem before it is given its place in the file. PURE code makes findings; load.ts adds file, line and column. */
export type Finding = {
  readonly severity: 'error' | 'warning'
  readonly path: Path
  /** Whether the key or its value is wrong. For a path that is not in the file: the nearest parent that is. */
  readonly at: 'key' | 'value'
  readonly message: string
  readonly remedy: string | undefined
}

export const errorAt = (path: Path, message: string, remedy?: string): Finding => ({
  severity: 'error',
  path,
  at: 'value',
  message,
  remedy,
})

export const warningAt = (path: Path, message: string, remedy?: string): Finding => ({
  ...errorAt(path, message, remedy),
  severity: 'warning',
})

/** `instances.www.virtual_addresses[1].label` */
export const formatPath = (path: Path): string =>
  path.map((part, index) => (typeof part === 'number' ? `[${part}]` : index === 0 ? part : `.${part}`)).join('')
