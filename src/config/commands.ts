import type { NamedCommand } from './check-access.ts'
import type { Path } from './finding.ts'
import type { ConfigDocument, NotifyDocument, ServiceDocument } from './schema.ts'
import { NOTIFY_KINDS } from './schema-notify.ts'

/** Every command that the engine may run because of the file. PURE. */
export const commandsOf = ({ services, instances, notify, fencing }: ConfigDocument): readonly NamedCommand[] => [
  ...Object.entries(services).flatMap(([name, service]) => ofService(['services', name], service)),
  ...Object.entries(instances).flatMap(([name, { notify }]) => ofNotify(['instances', name, 'notify'], notify)),
  ...ofNotify(['notify'], notify),
  ...(fencing === undefined ? [] : [asRoot(['fencing', 'argv'], fencing.argv)]),
]

const asRoot = (path: Path, argv: readonly string[]): NamedCommand => ({ path, argv, user: undefined })

function ofService(at: Path, { probes, restart, config_test: test }: ServiceDocument): NamedCommand[] {
  const starts = typeof restart === 'object' ? restart.argv : undefined
  return [
    ...probes.flatMap(({ command }, index) => {
      if (command === undefined) return []
      return [{ path: [...at, 'probes', index, 'command', 'argv'], argv: command.argv, user: command.user }]
    }),
    ...(test === undefined ? [] : [asRoot([...at, 'config_test'], test)]),
    ...(starts === undefined ? [] : [asRoot([...at, 'restart', 'argv'], starts)]),
  ]
}

const ofNotify = (at: Path, notify: NotifyDocument | undefined): NamedCommand[] =>
  NOTIFY_KINDS.flatMap((kind) => {
    const argv = notify?.[kind]
    return argv === undefined ? [] : [{ path: [...at, kind], argv, user: notify?.user }]
  })
