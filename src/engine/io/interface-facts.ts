import { type InterfaceFacts, native } from '../../native/index.ts'

/**
 * What an interface is now: asked for once in a turn of the event loop, however many ask. Throws as `interfaceByName` does.
 */
export function createInterfaceFacts(
  read: (name: string) => InterfaceFacts = (name) => native().interfaceByName(name),
): (name: string) => InterfaceFacts {
  const known = new Map<string, InterfaceFacts>()
  return (name) => {
    const found = known.get(name)
    if (found !== undefined) return found
    const facts = read(name)
    if (known.size === 0) setImmediate(() => known.clear())
    known.set(name, facts)
    return facts
  }
}
