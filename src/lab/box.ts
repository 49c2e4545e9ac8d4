import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import * as z from 'zod'
import type { Status } from '../control/messages.ts'
import { EXIT } from '../shared/errors.ts'
import { packageRoot } from '../shared/package-root.ts'
import { type LabApache, prepareApache } from './apache.ts'
import { type LabNginx, prepareNginx } from './nginx.ts'
import { type LabProcess, startProcess } from './process.ts'
import { type Finished, inNamespace, runProgram } from './run.ts'
import type { Host } from './topology.ts'

/** A web server box: a namespace with nginx or apache, and haup with directories of its own. */
export type Box = {
  readonly host: Host
  readonly name: string
  readonly directory: string
  readonly server: LabNginx | LabApache
  /** The server of a box that has nginx; throws when it has apache. */
  readonly nginx: LabNginx
  /** Read by the engine; whoever uses the box writes it. */
  readonly configFile: string
  readonly runDir: string
  /** Starts `haup up` and returns at once: await what it logs. One engine at a time. */
  readonly startEngine: () => LabProcess
  /** The engine started last; throws when none was. */
  readonly engine: () => LabProcess
  /** Runs any haup command inside the box. */
  readonly haup: (...args: readonly string[]) => Promise<Finished>
  /** What `haup status --json` prints; throws when the engine does not answer. */
  readonly status: () => Promise<Status>
}

/** The installed haup that this code is part of, on the Node that runs it. */
export const haupProgram = (): readonly string[] => [process.execPath, join(packageRoot(), 'bin/haup.js')]

export type ServerKind = Box['server']['kind']

const PREPARE = { nginx: prepareNginx, apache: prepareApache } as const

export async function prepareBox(host: Host, labDirectory: string, kind: ServerKind): Promise<Box> {
  const directory = join(labDirectory, host.name)
  const configFile = join(directory, 'etc/haup.yaml')
  const runDir = join(directory, 'run')
  await mkdir(join(directory, 'etc'), { recursive: true })
  await mkdir(runDir)
  const server = await PREPARE[kind](host.namespace, host.name, join(directory, kind))
  let engine: LabProcess | undefined
  const startEngine = () => {
    const options = ['--config', configFile, '--node', host.name, '--run-dir', runDir, '--log-format', 'json']
    engine = startProcess({
      name: `haup on ${host.name}`,
      namespace: host.namespace,
      argv: [...haupProgram(), 'up', ...options],
      logFile: join(directory, 'haup.log'),
    })
    return engine
  }
  const haup = (...args: readonly string[]) => runProgram(inNamespace(host.namespace, [...haupProgram(), ...args]))
  return {
    host,
    name: host.name,
    directory,
    server,
    get nginx() {
      if (server.kind !== 'nginx') throw new Error(`${host.name} has ${server.kind}`)
      return server
    },
    configFile,
    runDir,
    startEngine,
    engine: () => {
      if (engine === undefined) throw new Error(`no engine was started on ${host.name}`)
      return engine
    },
    haup,
    status: async () => readStatus(await haup('status', '--json', '--run-dir', runDir)),
  }
}

const ANSWERS: readonly (number | undefined)[] = [EXIT.ok, EXIT.negative, EXIT.noRedundancy, EXIT.gateClosed]

/** Our own program's answer, whatever it is: looked at only as far as its format goes. */
function readStatus(answer: Finished): Status {
  if (!ANSWERS.includes(answer.code)) throw new Error(`haup status: ${answer.stdout}${answer.stderr}`)
  return z.custom<Status>((value) => formatSchema.safeParse(value).success).parse(JSON.parse(answer.stdout))
}

const formatSchema = z.object({ format: z.literal(1) })
