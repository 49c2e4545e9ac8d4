import { randomBytes } from 'node:crypto'
import { err, ok, type Result } from '../shared/result.ts'
import { checkPrivacy, type SecretFile, textOf } from './check-secret.ts'
import { errorAt, type Finding, type Path } from './finding.ts'

/**
 * The key file of the peer channel: one key a line, 64 hex digits. The first key seals, all of them open, so that a key
 * can be changed while the nodes run. Empty lines and lines that begin with `#` do not count.
 */

/** The key of a cluster: 32 bytes. */
const KEY_DIGITS = 64
/** Enough to change keys; each one more costs a try at every datagram that is not for us. */
const MOST_KEYS = 4

/** A new key, as a line of the file. */
export const generateKey = (): string => randomBytes(KEY_DIGITS / 2).toString('hex')

/** The keys in the order of the lines; the error is the end of a sentence about the file and quotes no line of it. */
export function parseKeys(content: Uint8Array): Result<readonly Uint8Array[], string> {
  const text = textOf(content)
  if (text === undefined) return err('is not text')
  const keys: Uint8Array[] = []
  const seen = new Set<string>()
  for (const [index, line] of text.split('\n').entries()) {
    const digits = line.trim().toLowerCase()
    if (digits === '' || digits.startsWith('#')) continue
    if (!/^[0-9a-f]+$/.test(digits)) return err(`holds something else than hex digits in line ${index + 1}`)
    if (digits.length !== KEY_DIGITS) return err(`has ${digits.length} digits in line ${index + 1}, not ${KEY_DIGITS}`)
    if (new Set(digits).size < 4) return err(`has a key in line ${index + 1} that is not random`)
    if (seen.has(digits)) return err(`has the key of line ${index + 1} twice`)
    seen.add(digits)
    keys.push(Uint8Array.from(Buffer.from(digits, 'hex')))
  }
  if (keys.length === 0) return err('holds no key')
  return keys.length > MOST_KEYS ? err(`holds ${keys.length} keys: ${MOST_KEYS} at most`) : ok(keys)
}

/** What is wrong with a key file, with the commands that put it right. */
export function checkKeyFile(path: Path, file: SecretFile | undefined): Finding[] {
  if (file === undefined) return []
  if (file.kind === 'unreadable') return [errorAt(path, `${file.path} ${file.message}`, howToGet(file.path))]
  const findings = checkPrivacy(path, file)
  const keys = parseKeys(file.content)
  if (!keys.ok) findings.push(errorAt(path, `${file.path} ${keys.error}`, howToGet(file.path)))
  return findings
}

/** Empty when the file is not valid. */
export function keysOf(file: SecretFile): readonly Uint8Array[] {
  const keys = file.kind === 'unreadable' ? undefined : parseKeys(file.content)
  return keys?.ok === true ? keys.value : []
}

/** All nodes need the same key: it is made once and copied. */
const howToGet = (path: string): string =>
  `copy it from a node that has it: scp -p OTHER:${path} ${path}; or make the first one: ${keyCommand(path)}`

/** A command that makes the file on the first node, also without haup. */
export const keyCommand = (path: string): string =>
  `(umask 077; od -An -v -tx1 -N32 -w32 /dev/urandom | tr -d ' ' > ${path})`
