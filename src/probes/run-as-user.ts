import { ZERO } from '../shared/units.ts'
import { lookUpUser, type User } from './passwd.ts'
import { type CommandReport, type CommandSpec, runCommand } from './run-command.ts'

export type UserCommand = Pick<CommandSpec, 'argv' | 'env'> & {
  /** A name in /etc/passwd; undefined = this process's own user. */
  readonly user: string | undefined
}

/** `runCommand` as a user, with that user's HOME; a user that does not exist is a command that was not started. */
export async function runAsUser({ argv, env = {}, user }: UserCommand, signal: AbortSignal): Promise<CommandReport> {
  if (user === undefined) return runCommand({ argv, env }, signal)
  const found = await lookUpUser(user)
  if (!found.ok) return { end: { kind: 'not-started', reason: found.error }, output: '', took: ZERO }
  return runCommand({ argv, ...asUser(found.value, env) }, signal)
}

const asUser = ({ uid, gid, name, home }: User, env: Readonly<Record<string, string>>) => ({
  identity: { uid, gid },
  env: { HOME: home, USER: name, LOGNAME: name, ...env },
})
