import { randomInt } from 'node:crypto'
import { detectBox } from '../detect/host.ts'
import { askWhoHas, LISTEN_MS, listenForRouters } from '../detect/lan.ts'
import { outputOf } from '../detect/run.ts'
import { askServer } from '../detect/server-answers.ts'
import { writeLines } from '../output.ts'
import type { Wizard } from './init-wizard.ts'
import type { InitWorld } from './init-world.ts'

/** Starting a unit waits until it says that it is ready. */
const COMMAND_WITHIN_MS = 60_000

/** This box, and the person at its terminal if there is one. */
export const liveWorld = (wizard: Wizard | undefined, tell: InitWorld['tell']): InitWorld => ({
  detect: detectBox,
  askServer,
  listen: (interfaceName, source) => listenForRouters(interfaceName, source, LISTEN_MS),
  askWhoHas,
  run: async ([command = '', ...args]) => {
    const { ok, all } = await outputOf(command, args, COMMAND_WITHIN_MS)
    return { ok, output: all }
  },
  wizard,
  random: randomInt,
  now: () => new Date(),
  during,
  tell,
  warn: (lines) => writeLines(process.stderr, lines),
  uninterrupted,
})

const CLEAR_LINE = '\r\u001b[K'

/** On a terminal, one line that counts the seconds and vanishes; elsewhere nothing. */
async function during<T>(what: string, work: Promise<T>): Promise<T> {
  const { stderr } = process
  if (!stderr.isTTY) return work
  const begin = performance.now()
  const show = (): boolean => {
    const seconds = Math.round((performance.now() - begin) / 1_000)
    return stderr.write(`${CLEAR_LINE}${what} ...${seconds === 0 ? '' : ` ${seconds} s`}`.slice(0, 3 + stderr.columns))
  }
  show()
  const timer = setInterval(show, 1_000)
  try {
    return await work
  } finally {
    clearInterval(timer)
    stderr.write(CLEAR_LINE)
  }
}

/** Moments, in which files, manifest and web server must come to agree. */
async function uninterrupted<T>(work: () => Promise<T>): Promise<T> {
  const wait = (): void => undefined
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const
  for (const signal of signals) process.on(signal, wait)
  try {
    return await work()
  } finally {
    for (const signal of signals) process.off(signal, wait)
  }
}
