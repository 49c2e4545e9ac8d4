import { readFile, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { DEFAULT_KEY_FILE } from '../config/schema-peer.ts'
import { EXIT, UserError } from '../shared/errors.ts'
import { printable } from '../shared/log.ts'
import type { Box } from './box.ts'
import { wrap } from './report.ts'
import { PREFIX_LENGTH, type Topology } from './topology.ts'

/** What the boxes of the lab share. */
export const VIRTUAL_ADDRESS = '192.0.2.100'
const VRID = '77'

/** Sets the pair up as its administrator would, without being asked anything: `haup init`, then `haup up`, on each box. */
export async function setUpBoxes(
  web1: Box,
  web2: Box,
  { id, hosts }: Topology,
  print: (lines: readonly string[]) => void,
): Promise<void> {
  print([`lab ${id}: ${hosts.length} hosts are up, nginx runs on ${web1.name} and ${web2.name}`])
  for (const [own, peer] of [
    [web1, web2],
    [web2, web1],
  ] as const) {
    await initialize(own, answersFor(own, peer, web1.name), print)
    if (own === web1) await copyKey(web1, web2, print)
  }
  for (const box of [web1, web2]) {
    print([`${box.name}# haup up`])
    box.startEngine()
  }
}

/** Made on the first box; `haup init` on the second one finds it there. */
export async function copyKey(from: Box, to: Box, print: (lines: readonly string[]) => void = () => {}): Promise<void> {
  print([`${from.name}# scp -p ${DEFAULT_KEY_FILE} root@${to.host.address}:/etc/haup/`])
  const keyOf = ({ configFile }: Box): string => join(dirname(configFile), DEFAULT_KEY_FILE)
  await writeFile(keyOf(to), await readFile(keyOf(from)), { mode: 0o600 })
}

async function initialize(box: Box, answers: readonly string[], print: (lines: readonly string[]) => void) {
  const args = ['init', '--yes', '--no-listen', '--config', box.configFile, ...answers]
  print([`${box.name}# haup init --yes`, ...wrap(args.slice(3).map(quoted).join(' '))])
  const { code, stdout, stderr } = await box.haup(...args)
  if (code === EXIT.ok) return
  throw new UserError(`haup init failed on ${box.name}: ${printable(`${stderr}${stdout}`)}`, {
    code: 'lab.init-failed',
    exitCode: EXIT.environment,
  })
}

/** The same on both boxes but for whose they are and where this box's nginx lives. */
const answersFor = (own: Box, peer: Box, preferred: string): readonly string[] => [
  ...['--node', own.name, '--address', own.host.address],
  ...['--peer', peer.name, '--peer-address', peer.host.address],
  ...['--vip', `${VIRTUAL_ADDRESS}/${PREFIX_LENGTH}`, '--vrid', VRID, '--prefer', preferred],
  ...['--service', 'nginx', '--probe-url', 'http://127.0.0.1/healthz'],
  ...['--restart', own.nginx.startArgv.join(' '), '--pid-file', own.nginx.pidFile],
  ...['--config-test', own.nginx.testArgv.join(' ')],
]

const quoted = (argument: string): string => (argument.includes(' ') ? `"${argument}"` : argument)
