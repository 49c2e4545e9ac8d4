import { checkPrivacy, type SecretFile, textOf, withoutNewline } from './check-secret.ts'
import { errorAt, type Finding, type Path } from './finding.ts'

/** RFC 2338 5.3.6: the password travels in a field of 8 bytes. */
const MAX_PASSWORD_BYTES = 8

export function checkPassword(path: Path, file: SecretFile | undefined): Finding[] {
  if (file === undefined) return []
  if (file.kind === 'unreadable') {
    return [errorAt(path, `${file.path} ${file.message}`, 'make it, with 1 to 8 characters, owned by root, mode 0600')]
  }
  const findings = checkPrivacy(path, file)
  const why = complaintAbout(withoutNewline(file.content))
  if (why !== undefined) findings.push(errorAt(path, `the password in ${file.path} ${why}`, 'write 1 to 8 characters'))
  return findings
}

/** The password as text; undefined when it is not valid. */
export const passwordOf = (file: SecretFile): string | undefined =>
  file.kind === 'unreadable' || complaintAbout(withoutNewline(file.content)) !== undefined
    ? undefined
    : passwordIn(file.content)

/** A newline at the end does not count. */
export const passwordIn = (content: Uint8Array): string => new TextDecoder().decode(withoutNewline(content))

/** Also for the wizard: what is wrong with a password, as the end of a sentence. */
export function complaintAbout(password: Uint8Array): string | undefined {
  if (password.length === 0) return 'is empty'
  if (password.length > MAX_PASSWORD_BYTES) return `is ${password.length} bytes long: VRRPv2 carries at most 8`
  if (password.some((byte) => byte < 0x20 || byte === 0x7f)) return 'holds control characters'
  return textOf(password) === undefined ? 'is not UTF-8 text' : undefined
}

const MAX_LEASE_PASSWORD_BYTES = 200

/** The password for an arbiter, which has no such limits as VRRP's. */
export function checkLeasePassword(path: Path, file: SecretFile | undefined): Finding[] {
  if (file === undefined) return []
  const remedy = 'write the password into it, as one line, owned by root, mode 0600'
  if (file.kind === 'unreadable') return [errorAt(path, `${file.path} ${file.message}`, remedy)]
  const findings = checkPrivacy(path, file)
  if (leasePasswordOf(file) === undefined) findings.push(errorAt(path, `${file.path} is no line of text`, remedy))
  return findings
}

/** Undefined when it is not valid. */
export function leasePasswordOf(file: SecretFile): string | undefined {
  if (file.kind === 'unreadable') return undefined
  const line = withoutNewline(file.content)
  const fits = line.length > 0 && line.length <= MAX_LEASE_PASSWORD_BYTES && line.every((byte) => byte >= 0x20)
  return fits ? textOf(line) : undefined
}
