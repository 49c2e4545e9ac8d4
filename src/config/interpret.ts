import { err, ok, type Result } from '../shared/result.ts'
import { checkConfig } from './check.ts'
import { checkLeasePassword, checkPassword, leasePasswordOf, passwordOf } from './check-password.ts'
import type { SecretFile } from './check-secret.ts'
import { parseYaml, type SourceDocument } from './document.ts'
import type { Finding } from './finding.ts'
import { findingsOf } from './findings-of-schema.ts'
import { checkKeyFile, keysOf } from './key-file.ts'
import { resolveConfig } from './resolve.ts'
import { type ConfigDocument, documentSchema } from './schema.ts'
import type { ClusterConfig, ConfigProblem } from './types.ts'

export type { SecretFile } from './check-secret.ts'

/** A checked text; what is left to do is to read the files with secrets. */
export type ConfigDraft = {
  readonly document: ConfigDocument
  readonly config: ClusterConfig
  readonly findings: readonly Finding[]
  readonly source: SourceDocument
  /** Passwords and keys: the files as named in this one, each once. */
  readonly secretFiles: readonly string[]
}

/** Text -> checked configuration without its secrets. PURE; `file` is named in the problems. */
export function interpretConfig(text: string, file: string): Result<ConfigDraft, ConfigProblem[]> {
  const source = parseYaml(text, file)
  if (!source.ok) return source
  const parsed = documentSchema.safeParse(source.value.data, { reportInput: true })
  if (!parsed.success) return err(inOrder(findingsOf(parsed.error.issues).map(source.value.place)))
  const document = parsed.data
  const config = resolveConfig(document)
  const findings = checkConfig(config, source.value.isWritten)
  const files = [
    ...Object.values(document.instances).map(({ password_file: name }) => name),
    document.peer?.key_file,
    ...document.witness.map(({ lease }) => lease?.password_file),
  ].filter((name) => name !== undefined)
  return ok({ document, config, findings, source: source.value, secretFiles: [...new Set(files)] })
}

/** By the names that the configuration gives the files; one that is not there was not looked at. */
export type SecretFiles = ReadonlyMap<string, SecretFile>

/** Adds the secrets. PURE. Errors win; warnings alone let it pass. */
export function finishConfig(
  draft: ConfigDraft,
  secrets: SecretFiles,
): Result<{ config: ClusterConfig; warnings: ConfigProblem[] }, ConfigProblem[]> {
  const problems = inOrder([...draft.findings, ...checkSecrets(draft, secrets)].map(draft.source.place))
  if (problems.some(({ severity }) => severity === 'error')) return err(problems)
  return ok({ config: withSecrets(draft, secrets), warnings: problems })
}

const find = (secrets: SecretFiles, name: string | undefined): SecretFile | undefined =>
  name === undefined ? undefined : secrets.get(name)

function checkSecrets({ document }: ConfigDraft, secrets: SecretFiles): Finding[] {
  return [
    ...Object.entries(document.instances).flatMap(([name, { password_file: file }]) =>
      checkPassword(['instances', name, 'password_file'], find(secrets, file)),
    ),
    ...checkKeyFile(['peer', 'key_file'], find(secrets, document.peer?.key_file)),
    ...document.witness.flatMap(({ lease }, index) =>
      checkLeasePassword(['witness', index, 'lease', 'password_file'], find(secrets, lease?.password_file)),
    ),
  ]
}

function withSecrets({ document, config }: ConfigDraft, secrets: SecretFiles): ClusterConfig {
  const keys = find(secrets, config.peer?.keyFile)
  return {
    ...config,
    instances: config.instances.map((instance) => {
      const file = find(secrets, document.instances[instance.name]?.password_file)
      return file === undefined ? instance : { ...instance, password: passwordOf(file) }
    }),
    peer: config.peer === undefined || keys === undefined ? config.peer : { ...config.peer, keys: keysOf(keys) },
    witnesses: config.witnesses.map((witness, index) => {
      const file = find(secrets, document.witness[index]?.lease?.password_file)
      if (witness.kind === 'reachability' || witness.login === undefined || file === undefined) return witness
      return { ...witness, login: { ...witness.login, password: leasePasswordOf(file) } }
    }),
  }
}

/** As they stand in the file, from top to bottom. */
const inOrder = (problems: readonly ConfigProblem[]): ConfigProblem[] =>
  problems.toSorted((a, b) => a.place.line - b.place.line || a.place.column - b.place.column)
