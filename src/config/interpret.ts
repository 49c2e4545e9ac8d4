import { err, ok, type Result } from '../shared/result.ts'
import { checkConfig } from './check.ts'
import { checkPassword, type PasswordFile, passwordOf } from './check-password.ts'
import { parseYaml, type SourceDocument } from './document.ts'
import type { Finding } from './finding.ts'
import { findingsOf } from './findings-of-schema.ts'
import { resolveConfig } from './resolve.ts'
import { type ConfigDocument, documentSchema } from './schema.ts'
import type { ClusterConfig, ConfigProblem } from './types.ts'

export type { PasswordFile } from './check-password.ts'

/** A checked text; what is left to do is to read the password files. */
export type ConfigDraft = {
  readonly document: ConfigDocument
  readonly config: ClusterConfig
  readonly findings: readonly Finding[]
  readonly source: SourceDocument
  /** As named in the file, each once. */
  readonly passwordFiles: readonly string[]
}

/** Text -> checked configuration without its passwords. PURE; `file` is named in the problems. */
export function interpretConfig(text: string, file: string): Result<ConfigDraft, ConfigProblem[]> {
  const source = parseYaml(text, file)
  if (!source.ok) return source
  const parsed = documentSchema.safeParse(source.value.data, { reportInput: true })
  if (!parsed.success) return err(inOrder(findingsOf(parsed.error.issues).map(source.value.place)))
  const document = parsed.data
  const config = resolveConfig(document)
  const findings = checkConfig(config, source.value.isWritten)
  const files = Object.values(document.instances).flatMap(({ password_file: name }) =>
    name === undefined ? [] : [name],
  )
  return ok({ document, config, findings, source: source.value, passwordFiles: [...new Set(files)] })
}

/** Adds the passwords, by the name that the file gives them. PURE. Errors win; warnings alone let it pass. */
export function finishConfig(
  draft: ConfigDraft,
  passwords: ReadonlyMap<string, PasswordFile>,
): Result<{ config: ClusterConfig; warnings: ConfigProblem[] }, ConfigProblem[]> {
  const fileOf = (instance: string): PasswordFile | undefined => {
    const name = draft.document.instances[instance]?.password_file
    return name === undefined ? undefined : passwords.get(name)
  }
  const instances = draft.config.instances.map((instance) => {
    const file = fileOf(instance.name)
    return file === undefined ? instance : { ...instance, password: passwordOf(file) }
  })
  const findings = [
    ...draft.findings,
    ...draft.config.instances.flatMap(({ name }) => checkPassword(['instances', name, 'password_file'], fileOf(name))),
  ]
  const problems = inOrder(findings.map(draft.source.place))
  if (problems.some(({ severity }) => severity === 'error')) return err(problems)
  return ok({ config: { ...draft.config, instances }, warnings: problems })
}

/** As they stand in the file, from top to bottom. */
const inOrder = (problems: readonly ConfigProblem[]): ConfigProblem[] =>
  problems.toSorted((a, b) => a.place.line - b.place.line || a.place.column - b.place.column)
