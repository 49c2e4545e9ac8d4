import { writeFile } from 'node:fs/promises'
import type { Box } from './box.ts'
import type { Lab } from './lab.ts'

/** What the boxes of the lab share. */
export const VIRTUAL_ADDRESS = '192.0.2.100'

/** Writes every box's configuration and starts its engine. */
export async function setUpBoxes(lab: Lab, print: (lines: readonly string[]) => void): Promise<void> {
  for (const box of lab.boxes) {
    await writeFile(box.configFile, JSON.stringify(configurationOf(lab, box), undefined, 2))
    box.startEngine()
    print([`${box.name}# haup up`])
  }
}

const configurationOf = ({ boxes }: Lab, { nginx }: Box) => ({
  cluster: 'lab',
  nodes: Object.fromEntries(boxes.map(({ name, host }) => [name, { address: host.address }])),
  instances: {
    www: {
      vrid: 77,
      priority: Object.fromEntries(boxes.map(({ name }, index) => [name, 150 - 50 * index])),
      virtual_addresses: [`${VIRTUAL_ADDRESS}/24`],
      track: ['nginx'],
    },
  },
  services: {
    nginx: {
      probes: [{ http: { url: 'http://127.0.0.1/healthz' } }],
      config_test: nginx.testArgv,
      restart: { argv: nginx.startArgv, pid_file: nginx.pidFile },
    },
  },
})
