import { readFileSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import type { Box } from '../src/lab/box.ts'
import { buildLab, type Lab } from '../src/lab/lab.ts'
import { type LabProcess, startProcess } from '../src/lab/process.ts'
import { percent, usage } from './support/usage.ts'

/**
 * What an idle engine costs: one instance, adverts each second, nginx probed each second (port and HTTP), and keepalived
 * with the same instance and an HTTP check each second on the box beside it, at the same time. Processor time, memory and
 * how late the loop wakes. `node bench/engine.ts [SECONDS]`; needs root.
 */

const GOAL = { cpuPercent: 0.5, residentMb: 80 }
const seconds = Number(process.argv[2] ?? 60)

await using lab = await buildLab({ boxes: ['web1', 'web2'], others: [] })
const [web1, web2] = [lab.box('web1'), lab.box('web2')]
await writeFile(web1.configFile, JSON.stringify(configuration(lab, web1)))
const engine = web1.startEngine()
const keepalived = await startKeepalived(lab, web2)
await engine.log.until(/"to":"MASTER"/, { withinMs: 20_000 })
await delay(5_000)
const [before, beside] = [usage([engine.pid]), usage(keepalivedPids(keepalived))]
await delay(seconds * 1_000)
const [after, besideAfter] = [usage([engine.pid]), usage(keepalivedPids(keepalived))]
const cpu = percent(before, after)
const { loop } = await web1.status()
await keepalived.stop()
await engine.stop()

const { p50, p99, max } = loop.lateness_ms
const lines = [
  `idle engine over ${seconds} s: ${cpu.toFixed(2)} % of one core (goal under ${GOAL.cpuPercent} %), ` +
    `${after.residentMb.toFixed(0)} MB resident (goal under ${GOAL.residentMb} MB)`,
  `keepalived beside it: ${percent(beside, besideAfter).toFixed(2)} % of one core without its checks' own processes, ` +
    `${besideAfter.residentMb.toFixed(0)} MB resident`,
  `loop lateness: p50 ${p50.toFixed(2)} ms, p99 ${p99.toFixed(2)} ms, max ${max.toFixed(2)} ms`,
]
process.stdout.write(`${lines.join('\n')}\n`)
process.exitCode = cpu < GOAL.cpuPercent && after.residentMb < GOAL.residentMb ? 0 : 1

function configuration({ boxes }: Lab, { nginx }: Box) {
  const instance = {
    vrid: 77,
    advert_interval: '1s',
    priority: { web1: 150, web2: 100 },
    virtual_addresses: ['192.0.2.100/24'],
    track: ['nginx'],
  }
  const service = {
    probes: [{ tcp: { port: 80 } }, { http: { url: 'http://127.0.0.1/healthz' } }],
    interval: '1s',
    timeout: '1s',
    restart: { argv: nginx.startArgv, pid_file: nginx.pidFile },
  }
  const nodes = Object.fromEntries(boxes.map(({ name, host }) => [name, { address: host.address }]))
  return { cluster: 'bench', nodes, instances: { www: instance }, services: { nginx: service } }
}

async function startKeepalived({ directory }: Lab, { host }: Box): Promise<LabProcess> {
  const file = join(directory, 'keepalived.conf')
  const check = 'vrrp_script web { script "/usr/bin/curl -sf -o /dev/null http://127.0.0.1/healthz"; interval 1 }'
  const instance = `vrrp_instance www { state BACKUP; interface eth0; virtual_router_id 78; priority 100; advert_int 1
    virtual_ipaddress { 192.0.2.101/24 }
    track_script { web } }`
  await writeFile(file, `global_defs { script_user root }\n${check}\n${instance}\n`.replaceAll('; ', '\n'))
  const pidFiles = ['-p', join(directory, 'ka.pid'), '-r', join(directory, 'ka-vrrp.pid')]
  const running = startProcess({
    name: 'keepalived',
    namespace: host.namespace,
    argv: ['keepalived', '-n', '-l', '-D', '-P', '-f', file, ...pidFiles],
    logFile: join(directory, 'keepalived.log'),
  })
  await running.log.until(/Entering MASTER STATE/, { withinMs: 20_000 })
  return running
}

/** The parent and its VRRP child. */
function keepalivedPids({ pid }: LabProcess): readonly number[] {
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim()
  return [
    pid,
    ...children
      .split(' ')
      .filter((text) => text !== '')
      .map(Number),
  ]
}
