import type { Log } from '../shared/log.ts'
import type { EngineEvent, InstancePlan } from './core/types.ts'
import type { Clock, LinkState, OpenVrrpLink, VrrpLink } from './ports.ts'

export type Sockets = {
  readonly get: (interfaceName: string) => VrrpLink | undefined
  /** To be told of every report about a link: opens the socket when the interface first comes up. */
  readonly onLink: (link: LinkState) => void
  /** Closes those that no instance uses any more. */
  readonly prune: () => void
  readonly close: () => void
}

export type SocketOptions = {
  readonly instances: () => readonly InstancePlan[]
  readonly clock: Clock
  readonly openVrrpLink: OpenVrrpLink
  readonly onPacket: (interfaceName: string, packet: Uint8Array) => void
  readonly dispatch: (event: EngineEvent) => void
  readonly log: Log
}

/** One VRRP socket for each interface, shared by its instances. */
export function createSockets({ instances, clock, openVrrpLink, onPacket, dispatch, log }: SocketOptions): Sockets {
  const open = new Map<string, VrrpLink>()

  const ensure = (interfaceName: string): void => {
    const user = instances().find((instance) => instance.interface === interfaceName)
    if (user === undefined || open.has(interfaceName)) return
    const opened = openVrrpLink(
      { interface: interfaceName, source: user.router.source },
      (packet) => onPacket(interfaceName, packet),
      (message) => log({ level: 'warn', subject: interfaceName, code: 'vrrp.socket', message }),
    )
    if (opened.ok) open.set(interfaceName, opened.value)
    const error = opened.ok ? undefined : `no VRRP socket on ${interfaceName}: ${opened.error}`
    dispatch({ kind: 'socket', now: clock.now(), interface: interfaceName, error })
  }

  return {
    get: (interfaceName) => open.get(interfaceName),
    onLink: (link) => {
      log({ level: link.up ? 'info' : 'warn', subject: link.interface, code: 'link', message: link.detail })
      if (link.up) ensure(link.interface)
      dispatch({ kind: 'link', now: clock.now(), link })
    },
    prune: () => {
      for (const [name, link] of open) {
        if (instances().some((instance) => instance.interface === name)) continue
        link.close()
        open.delete(name)
      }
    },
    close: () => {
      for (const link of open.values()) link.close()
      open.clear()
    },
  }
}
