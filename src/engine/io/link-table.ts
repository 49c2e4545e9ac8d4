import type { LinkState } from '../ports.ts'
import type { KernelLink, LinkEvent } from './rtnetlink.ts'

/** PURE: the interfaces that exist, by index, as the kernel's messages tell. */
export type LinkTable = ReadonlyMap<number, KernelLink>

export const emptyTable: LinkTable = new Map()

export const tableOf = (events: readonly LinkEvent[]): LinkTable => events.reduce(tableWith, emptyTable)

export function tableWith(table: LinkTable, event: LinkEvent): LinkTable {
  const next = new Map(table)
  if (event.kind === 'gone') next.delete(event.index)
  else next.set(event.link.index, event.link)
  return next
}

/** `detail` says in words what keeps an interface from being up. */
export function stateOf(name: string, table: LinkTable): LinkState {
  const link = [...table.values()].find((each) => each.name === name)
  if (link === undefined) return { interface: name, up: false, detail: `interface ${name} does not exist` }
  if (!link.enabled) return { interface: name, up: false, detail: `interface ${name} is administratively down` }
  if (!link.carrier) return { interface: name, up: false, detail: `interface ${name} has no carrier` }
  if (!link.running) return { interface: name, up: false, detail: `interface ${name} is dormant` }
  const port = link.master === undefined ? undefined : table.get(link.master)?.name
  return {
    interface: name,
    up: true,
    detail: `interface ${name} is up`,
    ...(port === undefined ? {} : { portOf: port }),
  }
}

/** `fresh` without interfaces that took the name of another: that the other is gone must be seen, too. */
export function withoutReplaced(before: LinkTable, fresh: LinkTable): LinkTable {
  const indexOf = new Map([...before.values()].map((link) => [link.name, link.index]))
  return new Map([...fresh].filter(([index, link]) => (indexOf.get(link.name) ?? index) === index))
}
