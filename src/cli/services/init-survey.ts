import { isAbsolute } from 'node:path'
import { readIpv4 } from '../../config/read.ts'
import { UserError } from '../../shared/errors.ts'
import type { HeardRouter, HostAddress, HostFacts, WebServer } from '../detect/facts.ts'
import { ownAddresses } from '../detect/own-addresses.ts'
import type { Answers } from './init-answers.ts'
import { describeServer } from './init-found.ts'
import type { InitOptions, InitWorld } from './init-world.ts'

/** All that is seen before the first question; lasts as long as one listens to the LAN. */
export async function lookAround(
  options: Pick<InitOptions, 'listen' | 'webServer' | 'writesSystem'>,
  given: Answers,
  world: InitWorld,
): Promise<HostFacts> {
  const box = await world.during('looking at this box', world.detect())
  const webServer = await chooseServer(box.servers, options.webServer, world)
  const where = options.listen ? homeOf(box.addresses, given) : undefined
  const listening: Promise<HeardRouter[] | undefined> =
    where === undefined
      ? Promise.resolve(undefined)
      : world.during(`listening for VRRP routers on ${where.interface}`, world.listen(where.interface, where.address))
  const [answers, heard] = await Promise.all([world.askServer(webServer), listening])
  return { ...box, webServer, answers, heard, system: { ...box.system, writesSystem: options.writesSystem } }
}

/** Where the adverts will go: as given, else the default route's interface. */
function homeOf(
  addresses: readonly HostAddress[],
  given: Answers,
): Pick<HostAddress, 'interface' | 'address'> | undefined {
  const own = ownAddresses(addresses)
  const address = readIpv4(given.address)
  const named = own.find((each) => each.interface === given.interface)
  const addressed = own.find((each) => address.ok && each.address === address.value)
  return named ?? addressed ?? (given.address === undefined && given.interface === undefined ? own[0] : undefined)
}

/** The one that is named; the only one that runs; what a person chooses; else the first. */
async function chooseServer(
  servers: readonly WebServer[],
  wanted: string | undefined,
  { wizard }: InitWorld,
): Promise<WebServer | undefined> {
  if (wanted !== undefined) return named(servers, wanted)
  const running = servers.filter(({ isRunning }) => isRunning)
  if (wizard === undefined || running.length < 2) return running[0] ?? servers[0]
  const labels = running.map(labelOf)
  const choice = await wizard.choose('Which web server shall be watched?', labels)
  return running[labels.indexOf(choice)]
}

const labelOf = (server: WebServer): string => `${describeServer(server)} [${server.configFile ?? ''}]`

function named(servers: readonly WebServer[], wanted: string): WebServer {
  const matches = servers.filter(({ kind, configFile }) =>
    isAbsolute(wanted) ? configFile === wanted : kind === wanted,
  )
  const [first] = matches
  const known = servers.map(({ kind, configFile }) => configFile ?? kind).join(', ')
  if (first !== undefined && (matches.length === 1 || first.isRunning !== matches[1]?.isRunning)) return first
  const message = first === undefined ? 'is none of the web servers here' : 'stands for several web servers here'
  throw new UserError(`--web-server ${wanted} ${message}`, {
    code: 'init.wrong-answer',
    nextSteps: [
      known === '' ? 'install nginx or apache first, or leave --web-server out' : `name one by its file: ${known}`,
    ],
  })
}
