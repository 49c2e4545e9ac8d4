import { readFileSync } from 'node:fs'
import { uptime } from 'node:os'
import { fromSeconds } from '../../shared/units.ts'
import type { BootMoment } from '../core/kept-holds.ts'

/**
 * CLOCK_BOOTTIME, to a hundredth of a second, and which boot it counts from: unlike the monotonic clock of a process it can
 * be handed on to the next one, and unlike the wall clock nobody sets it. Undefined where the kernel tells no boot.
 */
export function bootMoment(): BootMoment | undefined {
  try {
    return { id: readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim(), at: fromSeconds(uptime()) }
  } catch {
    return undefined
  }
}
