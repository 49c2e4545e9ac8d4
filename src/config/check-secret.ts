import { errorAt, type Finding, type Path } from './finding.ts'

/** A file with a secret as it was found. */
export type SecretFile =
  | { readonly kind: 'unreadable'; readonly path: string; readonly message: string }
  | {
      readonly kind: 'read'
      readonly path: string
      readonly content: Uint8Array
      /** Nobody but its owner may read or write it. */
      readonly isPrivate: boolean
      readonly ownedByRoot: boolean
    }

/** What is wrong with who may use it. PURE. */
export function checkPrivacy(path: Path, file: Extract<SecretFile, { readonly kind: 'read' }>): Finding[] {
  const findings: Finding[] = []
  if (!file.isPrivate) {
    findings.push(errorAt(path, `${file.path} can be used by others than its owner`, `chmod 600 ${file.path}`))
  }
  if (!file.ownedByRoot) findings.push(errorAt(path, `${file.path} is not owned by root`, `chown root ${file.path}`))
  return findings
}

/** The content without a newline at its end. */
export function withoutNewline(content: Uint8Array): Uint8Array {
  const end = content.at(-1) === 0x0a ? -1 : content.length
  const line = content.slice(0, end)
  return line.at(-1) === 0x0d ? line.slice(0, -1) : line
}

/** Text in UTF-8; undefined when it is none. */
export const textOf = (bytes: Uint8Array): string | undefined => {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    return undefined
  }
}
