import { errorAt, type Finding, type Path } from './finding.ts'

/** A password file as it was found. */
export type PasswordFile =
  | { readonly kind: 'unreadable'; readonly path: string; readonly message: string }
  | {
      readonly kind: 'read'
      readonly path: string
      readonly content: Uint8Array
      /** Nobody but its owner may read or write it. */
      readonly isPrivate: boolean
      readonly ownedByRoot: boolean
    }

/** RFC 2338 5.3.6: the password travels in a field of 8 bytes. */
const MAX_PASSWORD_BYTES = 8

export function checkPassword(path: Path, file: PasswordFile | undefined): Finding[] {
  if (file === undefined) return []
  if (file.kind === 'unreadable') {
    return [errorAt(path, `${file.path} ${file.message}`, 'make it, with 1 to 8 characters, owned by root, mode 0600')]
  }
  const findings: Finding[] = []
  if (!file.isPrivate) {
    findings.push(errorAt(path, `${file.path} can be used by others than its owner`, `chmod 600 ${file.path}`))
  }
  if (!file.ownedByRoot) findings.push(errorAt(path, `${file.path} is not owned by root`, `chown root ${file.path}`))
  const why = complaintAbout(withoutNewline(file.content))
  if (why !== undefined) findings.push(errorAt(path, `the password in ${file.path} ${why}`, 'write 1 to 8 characters'))
  return findings
}

/** The password as text; undefined when it is not valid. */
export const passwordOf = (file: PasswordFile): string | undefined =>
  file.kind === 'unreadable' || complaintAbout(withoutNewline(file.content)) !== undefined
    ? undefined
    : passwordIn(file.content)

/** A newline at the end does not count. */
export const passwordIn = (content: Uint8Array): string => new TextDecoder().decode(withoutNewline(content))

function withoutNewline(content: Uint8Array): Uint8Array {
  const end = content.at(-1) === 0x0a ? -1 : content.length
  const line = content.slice(0, end)
  return line.at(-1) === 0x0d ? line.slice(0, -1) : line
}

/** Also for the wizard: what is wrong with a password, as the end of a sentence. */
export function complaintAbout(password: Uint8Array): string | undefined {
  if (password.length === 0) return 'is empty'
  if (password.length > MAX_PASSWORD_BYTES) return `is ${password.length} bytes long: VRRPv2 carries at most 8`
  if (password.some((byte) => byte < 0x20 || byte === 0x7f)) return 'holds control characters'
  return isUtf8(password) ? undefined : 'is not UTF-8 text'
}

const isUtf8 = (bytes: Uint8Array): boolean => {
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(bytes)
    return true
  } catch {
    return false
  }
}
