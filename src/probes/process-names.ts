import { basename } from 'node:path'
import { type ProcessEntry, readExecutable } from './process-table.ts'

/** Programs that start a server of another name. */
const WRAPPERS: Readonly<Record<string, readonly string[]>> = {
  apachectl: ['apache2', 'httpd'],
  apache2ctl: ['apache2', 'httpd'],
}

/** What the processes that a command starts are called. `comm` holds 15 bytes at most. */
export function namesOf(program: string): readonly string[] {
  const name = basename(program)
  return (WRAPPERS[name] ?? [name]).flatMap((each) => [each, each.slice(0, 15)])
}

export async function carriesName(entry: ProcessEntry, names: readonly string[]): Promise<boolean> {
  return names.includes(entry.comm) || names.includes((await readExecutable(entry.pid)) ?? '')
}
