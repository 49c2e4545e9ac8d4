import type { Log } from '../shared/log.ts'
import type { EngineEvent, InstancePlan } from './core/types.ts'
import type { Clock, LinkState, OpenVrrpLink, VrrpLink } from './ports.ts'

export type Sockets = {
  readonly get: (interfaceName: string) => VrrpLink | undefined
  /** To be told of every report about a link: opens the socket when the interface first comes up. */
  readonly onLink: (link: LinkState) => void
  /** After a change of the instances: opens those that they use now, closes those that they use no more. */
  readonly follow: () => void
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

/** What could not be opened for want of memory or of a permission may be opened later. */
const RETRY_MS = 1_000

/** One VRRP socket for each interface, shared by its instances; tried until it opens for as long as the link is up. */
export function createSockets({ instances, clock, openVrrpLink, onPacket, dispatch, log }: SocketOptions): Sockets {
  const open = new Map<string, VrrpLink>()
  const up = new Set<string>()
  /** Interfaces that are up and have no socket, and why. */
  const missing = new Map<string, string>()
  let timer: NodeJS.Timeout | undefined

  const ensure = (interfaceName: string): void => {
    const user = instances().find((instance) => instance.interface === interfaceName)
    if (user === undefined || open.has(interfaceName)) return
    const opened = openVrrpLink(
      { interface: interfaceName, source: user.router.source },
      (packet) => onPacket(interfaceName, packet),
      (message) => log({ level: 'warn', subject: interfaceName, code: 'vrrp.socket', message }),
    )
    if (opened.ok) {
      open.set(interfaceName, opened.value)
      report(interfaceName, undefined)
    } else {
      report(interfaceName, `no VRRP socket on ${interfaceName}: ${opened.error}`)
    }
  }
  const report = (interfaceName: string, error: string | undefined): void => {
    const before = missing.get(interfaceName)
    if (error === undefined) missing.delete(interfaceName)
    else missing.set(interfaceName, error)
    watchMissing()
    if (error !== undefined && error === before) return
    const record = { subject: interfaceName, code: 'vrrp.socket' }
    if (error !== undefined) log({ level: 'error', ...record, message: `${error}; tried again each second` })
    else if (before !== undefined)
      log({ level: 'info', ...record, message: `the VRRP socket on ${interfaceName} is open` })
    dispatch({ kind: 'socket', now: clock.now(), interface: interfaceName, error })
  }
  const watchMissing = (): void => {
    if (missing.size > 0) {
      timer ??= setInterval(() => {
        for (const name of [...missing.keys()]) ensure(name)
      }, RETRY_MS)
    } else {
      clearInterval(timer)
      timer = undefined
    }
  }
  const giveUp = (interfaceName: string): void => {
    missing.delete(interfaceName)
    watchMissing()
  }

  return {
    get: (interfaceName) => open.get(interfaceName),
    onLink: (link) => {
      const message = link.portOf === undefined ? link.detail : `${link.detail}, a port of ${link.portOf}`
      log({ level: link.up ? 'info' : 'warn', subject: link.interface, code: 'link', message })
      if (link.up) up.add(link.interface)
      else up.delete(link.interface)
      if (link.up) ensure(link.interface)
      else giveUp(link.interface)
      dispatch({ kind: 'link', now: clock.now(), link })
    },
    follow: () => {
      for (const name of up) ensure(name)
      const isUsed = (name: string): boolean => instances().some((instance) => instance.interface === name)
      for (const name of [...missing.keys()]) if (!isUsed(name)) giveUp(name)
      for (const [name, link] of open) {
        if (isUsed(name)) continue
        link.close()
        open.delete(name)
      }
    },
    close: () => {
      missing.clear()
      watchMissing()
      for (const link of open.values()) link.close()
      open.clear()
    },
  }
}
