import { readFile } from 'node:fs/promises'
import { messageOf } from '../shared/errors.ts'
import { err, ok, type Result } from '../shared/result.ts'

/** A line of passwd(5), as far as a child process needs it. */
export type User = { readonly name: string; readonly uid: number; readonly gid: number; readonly home: string }

/** Pure: the user's line in the text of a passwd file. */
export function findUser(passwd: string, name: string): User | undefined {
  for (const line of passwd.split('\n')) {
    const [user, , uid = '', gid = '', , home = '/'] = line.split(':')
    if (user === name && /^\d+$/.test(uid) && /^\d+$/.test(gid)) {
      return { name, uid: Number(uid), gid: Number(gid), home }
    }
  }
  return undefined
}

/** Looks only at /etc/passwd: a directory service that hangs must not hang a probe. */
export async function lookUpUser(name: string): Promise<Result<User, string>> {
  try {
    const user = findUser(await readFile('/etc/passwd', 'utf8'), name)
    return user === undefined ? err(`there is no user ${name} in /etc/passwd`) : ok(user)
  } catch (error) {
    return err(`/etc/passwd: ${messageOf(error)}`)
  }
}
