import { dirname, join } from 'node:path'
import type { SecretFile } from '../../config/check-secret.ts'
import { checkKeyFile, generateKey } from '../../config/key-file.ts'
import { DEFAULT_KEY_FILE } from '../../config/schema-peer.ts'
import type { ConfigProblem } from '../../config/types.ts'
import { EXIT, UserError } from '../../shared/errors.ts'
import { readRegular } from '../../shared/regular-file.ts'
import type { PlannedFile } from './init-side.ts'

/**
 * The key of the peer channel beside haup.yaml: made once, on the first box. One that is there is taken as it is and never
 * replaced: the other box has the same. Throws UserError when it cannot be used.
 */
export async function planKey(config: string): Promise<PlannedFile> {
  const path = join(dirname(config), DEFAULT_KEY_FILE)
  const present = await readKey(path)
  if (present === undefined) return { path, content: `${generateKey()}\n`, mode: 0o600, role: 'key' }
  const [finding] = checkKeyFile(['peer', 'key_file'], present)
  if (finding === undefined && present.kind === 'read') {
    return { path, content: new TextDecoder().decode(present.content), mode: 0o600, role: 'key' }
  }
  throw new UserError(`the key of the cluster is there and cannot be used: ${finding?.message}`, {
    code: 'init.key',
    exitCode: EXIT.environment,
    nextSteps: [
      finding?.remedy?.startsWith('ch') === true ? finding.remedy : `move it away, and copy the other box's: ${path}`,
      'or do without the peer channel: --no-peer',
    ],
  })
}

/** As a file that is all right: to check the configuration before anything is written. */
export const asSecret = ({ path, content }: PlannedFile): SecretFile => ({
  kind: 'read',
  path,
  content: new TextEncoder().encode(content),
  isPrivate: true,
  ownedByRoot: true,
})

const ABSENT = ['ENOENT', 'ENOTDIR']
const MOST_BYTES = 4_096

async function readKey(path: string): Promise<SecretFile | undefined> {
  const read = await readRegular(path, MOST_BYTES)
  // Where there is no such directory nothing can be written either, which is told then.
  if (!read.ok && ABSENT.includes(read.error.code ?? '')) return undefined
  if (!read.ok) return { kind: 'unreadable', path, message: read.error.message }
  const { content, mode, uid } = read.value
  const isPrivate = (mode & 0o077) === 0
  return { kind: 'read', path, content, isPrivate, ownedByRoot: uid === 0 || uid === process.geteuid?.() }
}

/** What to do when the file of another box came without its key, or the key may be read by others. */
export function keyError(problems: readonly ConfigProblem[], from: string): UserError | undefined {
  const problem = problems.find(({ path, severity }) => path === 'peer.key_file' && severity === 'error')
  if (problem === undefined) return undefined
  const isAccess = problem.remedy?.startsWith('ch') === true
  const copy = `on the first box: scp -p /etc/haup/${DEFAULT_KEY_FILE} root@THIS-BOX:${dirname(from)}/`
  return new UserError(`the key of the cluster belongs beside ${from}: ${problem.message}`, {
    code: 'init.key',
    nextSteps: [isAccess ? (problem.remedy ?? copy) : copy, `haup init --join ${from}`],
  })
}
