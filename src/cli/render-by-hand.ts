import { printable } from '../shared/log.ts'
import { WIDTH, wrap } from './layout.ts'
import type { Paint } from './paint.ts'

/** What `haup release` and `haup force-hold` answer and say. Pure. */

export type Place = { readonly address: string; readonly interface: string }

/** `haup release --json`: public API. */
export type Released = {
  /** With haup's mark; they are gone. */
  readonly removed: readonly Place[]
  /** `left`: it belongs to an engine that does not answer; `closed`: it keeps `remaining` closed. */
  readonly gate: 'removed' | 'left' | 'closed'
  /** Virtual addresses of the configuration that are still here: not haup's, so that they were not touched. */
  readonly remaining: readonly Place[]
  /** Why `remaining` could not be found out. */
  readonly unchecked: string | null
}

/** `haup force-hold --json`: public API. */
export type ForceHeld = { readonly held: readonly (Place & { readonly instance: string })[] }

/** `192.0.2.100/24 on eth0 and 192.0.2.101/24 on eth0` */
export const describePlaces = (places: readonly Place[]): string =>
  printable(places.map(({ address, interface: name }) => `${address} on ${name}`).join(' and '), 1_000)

export function renderReleased({ removed, gate, remaining, unchecked }: Released): string[] {
  const lines = removed.map(({ address, interface: name }) => `removed ${address} from ${name}`)
  if (removed.length === 0) lines.push('nothing to release: no address here has the mark of haup')
  if (gate === 'left') {
    lines.push(
      'the engine still lives: should it wake up, it lets go and listens first, and may claim again after that',
    )
  }
  for (const { address, interface: name } of remaining) {
    lines.push(
      `${address} is still on ${name}: haup did not set it, so it was not touched; remove it: ip addr del ${address} dev ${name}`,
    )
  }
  if (gate === 'closed') {
    lines.push('what is still here stays closed, since another box may hold it; to open it: haup cleanup --open')
  }
  if (unchecked !== null) lines.push(`not checked whether others set a virtual address here: ${unchecked}`)
  return lines.flatMap((line) => wrap(printable(line, 1_000), WIDTH))
}

export function renderForceHeld({ held }: ForceHeld, paint: Paint): string[] {
  const places = describePlaces(held)
  return [
    ...wrap(`THIS BOX NOW HOLDS ${places} BY FORCE.`, WIDTH).map((line) => paint('bad', line)),
    ...wrap(
      'There is no election: nothing watches the web server, nothing lets go when this box fails, and another box ' +
        'that comes to life may hold the same address. Do not start haup on the other box meanwhile.',
      WIDTH,
    ).map((line) => paint('warn', line)),
    'It ends with: haup release',
    'or when the engine starts, which elects: systemctl start haup',
  ]
}
