import type { Neighbour } from '../../engine/io/neighbours.ts'
import type { Ipv4 } from '../../shared/ip.ts'
import type { HeardRouter, ServerAnswers, WebServer } from '../detect/facts.ts'
import type { BoxFacts } from '../detect/host.ts'
import type { Answers } from './init-answers.ts'
import type { Run } from './init-apply.ts'
import type { Random } from './init-propose.ts'
import type { Wizard } from './init-wizard.ts'

export type InitOptions = {
  /** Path of haup.yaml. */
  readonly config: string
  /** Beginning of every path of the system: `/`, or the directory of an image that is being built. */
  readonly root: string
  /** Path of the manifest. */
  readonly manifest: string
  /** The system's own configuration is written, not a file somewhere else: unit, sysctl and firewall belong to it. */
  readonly writesSystem: boolean
  /** Answers from flags; `password` is the name of its file. */
  readonly flags: Answers
  readonly answersFile: string | undefined
  /** `nginx`, `apache` or a configuration file, where several servers were found. */
  readonly webServer: string | undefined
  /** Listen for other routers and ask the LAN for the addresses. */
  readonly listen: boolean
  /** Start haup, now and at boot; undefined: the command's own default. */
  readonly enable: boolean | undefined
  /** Replace a file that differs without asking. */
  readonly force: boolean
  readonly dryRun: boolean
}

/** What init needs from this box and its administrator. */
export type InitWorld = {
  readonly detect: () => Promise<BoxFacts>
  readonly askServer: (server: WebServer | undefined) => Promise<ServerAnswers>
  readonly listen: (interfaceName: string, source: Ipv4) => Promise<HeardRouter[] | undefined>
  readonly askWhoHas: (address: Ipv4) => Promise<Neighbour | undefined>
  readonly run: Run
  /** Undefined: nobody is asked, proposals are taken (`--yes`). */
  readonly wizard: Wizard | undefined
  readonly random: Random
  readonly now: () => Date
  /** Shows that something takes time, until it is done. */
  readonly during: <T>(what: string, work: Promise<T>) => Promise<T>
  /** Lines for people, before the end: what was found, the diff that is asked about. */
  readonly tell: (lines: readonly string[]) => void
  readonly warn: (lines: readonly string[]) => void
  /** While files are put in place, Ctrl-C waits. */
  readonly uninterrupted: <T>(work: () => Promise<T>) => Promise<T>
}
