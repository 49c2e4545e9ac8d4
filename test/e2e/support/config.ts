import { writeFile } from 'node:fs/promises'
import type { Box, ServerKind } from '../../../src/lab/box.ts'
import type { Lab } from '../../../src/lab/lab.ts'

export const VIP = '192.0.2.100'

type Settings = Readonly<Record<string, unknown>>

/** What a test wants to differ from the fast defaults below. */
export type PairOptions = {
  /** nginx when it is left out. */
  readonly server?: ServerKind
  readonly instance?: Settings
  readonly service?: Settings
  /** In place of the one instance `www`. */
  readonly instances?: Readonly<Record<string, Settings>>
  /** Beside the boxes. */
  readonly nodes?: Readonly<Record<string, Settings>>
  /** At the top level of the file. */
  readonly document?: Settings
}

/** Instance `www`: web1 is preferred, adverts ten times a second. */
export const instance = (settings: Settings = {}): Settings => ({
  vrid: 77,
  version: 3,
  advert_interval: '100ms',
  priority: { web1: 150, web2: 100 },
  virtual_addresses: [`${VIP}/24`],
  track: ['nginx'],
  ...settings,
})

/** The box's own web server, looked at ten times a second. */
export const service = ({ server }: Box, settings: Settings = {}): Settings => ({
  probes: [{ http: { url: 'http://127.0.0.1/healthz' } }],
  interval: '100ms',
  timeout: '300ms',
  rise: 2,
  fall: 2,
  config_test: server.testArgv,
  restart: { argv: server.startArgv, pid_file: server.pidFile },
  restart_budget: '5 within 60s',
  settle: '1s',
  ...settings,
})

/** Writes haup.yaml for every box. JSON is YAML; the boxes' files differ in the paths of their web server alone. */
export async function configure(lab: Lab, options: PairOptions = {}): Promise<void> {
  for (const box of lab.boxes) await configureBox(lab, box, options)
}

export async function configureBox(lab: Lab, box: Box, options: PairOptions = {}): Promise<void> {
  const priorities = lab.boxes.map((box, index) => [box.name, 150 - 50 * index])
  const boxes = lab.boxes.map(({ name, host }) => [name, { address: host.address }])
  const nodes = { ...Object.fromEntries(boxes), ...options.nodes }
  const document = {
    cluster: 'lab',
    nodes,
    instances: options.instances ?? {
      www: instance({
        priority: Object.fromEntries(priorities),
        track: [box.server.kind],
        ...options.instance,
      }),
    },
    services: { [box.server.kind]: service(box, options.service) },
    ...options.document,
  }
  await writeFile(box.configFile, JSON.stringify(document, undefined, 2))
}
