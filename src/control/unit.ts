import { existsSync } from 'node:fs'

const BOOTED = '/run/systemd/system'
const UNITS = ['/etc', '/usr/lib', '/lib'].map((directory) => `${directory}/systemd/system/haup.service`)

/** Whether systemd runs here (sd_booted(3)) and has a unit of ours: only then is there something to say to it. */
export const hasUnit = (exists: (path: string) => boolean = existsSync): boolean => exists(BOOTED) && UNITS.some(exists)

/** How the engine is started on this box. */
export const startSteps = (byUnit = hasUnit()): string[] =>
  byUnit ? ['start it: systemctl start haup', 'or in the foreground: haup up'] : ['start it: haup up']
