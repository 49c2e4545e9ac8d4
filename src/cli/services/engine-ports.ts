import type { EnginePorts } from '../../engine/engine.ts'
import { createGatePort } from '../../engine/gate/gate.ts'
import { createAnnounce } from '../../engine/io/announce.ts'
import { bootToken, openArbiter } from '../../engine/io/arbiter.ts'
import { openArp } from '../../engine/io/arp-watch.ts'
import { drained } from '../../engine/io/drain.ts'
import { createFencePort } from '../../engine/io/fence.ts'
import { watchLinks } from '../../engine/io/links.ts'
import { openPeerChannel } from '../../engine/io/peer-channel.ts'
import { createReachPort } from '../../engine/io/reach.ts'
import type { SdNotify } from '../../engine/io/sd-notify.ts'
import { openVrrpLink } from '../../engine/io/vrrp-socket.ts'
import type { Clock } from '../../engine/ports.ts'
import { createAddressPort } from '../../engine/vip/addresses.ts'
import { watchAddresses } from '../../engine/vip/watch.ts'
import { names } from '../../probes/names.ts'
import { packageVersion } from '../../shared/package-root.ts'
import { micros } from '../../shared/units.ts'

type PortParts = Pick<EnginePorts, 'clock' | 'log' | 'services' | 'onBug'> & { readonly manager: SdNotify }

/** The world as the engine on this machine meets it. */
export function createPorts({ clock, log, manager, services, onBug }: PortParts): EnginePorts {
  const { watchdogInterval, watchdog } = manager
  return {
    clock,
    openVrrpLink,
    addresses: createAddressPort(),
    announce: createAnnounce(),
    openArp,
    gate: createGatePort(clock.now),
    watchLinks,
    watchAddresses,
    services,
    peer: peerPorts(clock),
    drained,
    log,
    onBug,
    // Twice as often as asked for, as sd_watchdog_enabled(3) recommends.
    heartbeat: watchdogInterval === undefined ? undefined : { interval: micros(watchdogInterval / 2), beat: watchdog },
  }
}

const peerPorts = (clock: Clock): EnginePorts['peer'] => ({
  openPeerChannel,
  reach: createReachPort(),
  version: packageVersion(),
  openArbiter: ({ store, tls, login, timeout }, instance) =>
    openArbiter(store, instance, {
      tls,
      login: login === undefined ? undefined : { user: login.user, password: login.password ?? '' },
      token: bootToken(),
      timeout,
      now: clock.now,
    }),
  createFence: createFencePort,
  knowNames: names.know,
})
