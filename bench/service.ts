import { readFile } from 'node:fs/promises'
import { setTimeout as delay } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import type { ClientView } from '../src/lab/measure.ts'
import { monotonicMs } from '../src/lab/monotonic.ts'
import { signalPid } from '../src/lab/process.ts'
import { VIP } from '../test/e2e/support/config.ts'
import { comeHome } from './holders/come-home.ts'
import { type Contender, type Kind, startContender } from './holders/contender.ts'
import { repair } from './holders/scenarios.ts'
import { checkScript } from './service/check-script.ts'
import { SCENARIOS, type Scenario } from './service/scenarios.ts'
import { isMet, LEGEND, type Outcome, type Row, renderTable } from './service/table.ts'

/**
 * What a client sees when the web server dies: a haup pair, and a keepalived pair with the check script of the tutorials,
 * suffer the same at the same time, adverts each second. `node bench/service.ts [--runs N] [--only REGEXP] [--json]`; root.
 */

const { values } = parseArgs({
  options: {
    runs: { type: 'string', default: '10' },
    only: { type: 'string', default: '' },
    json: { type: 'boolean', default: false },
  },
})
const ADVERTS_MS = 1_000
/** Whoever is not served after this is not served by anything that happens by itself. */
const LIMIT_MS = 12_000
const BOXES = ['web1', 'web2']
const wanted = SCENARIOS.filter(({ title }) => new RegExp(values.only).test(title))

const [haup, keepalived] = await Promise.all([measureKind('haup'), measureKind('keepalived')])
const rows: Row[] = wanted.map((scenario, index) => ({
  scenario,
  outcomes: { haup: haup[index] ?? [], keepalived: keepalived[index] ?? [] },
}))
process.stdout.write(
  `${values.json ? JSON.stringify(rows, undefined, 2) : ['', ...renderTable(rows), '', ...LEGEND].join('\n')}\n`,
)
process.exitCode = rows.every(isMet) ? 0 : 1

async function measureKind(kind: Kind): Promise<readonly (readonly Outcome[])[]> {
  const pair = await startContender(kind, { intervalMs: ADVERTS_MS, script: checkScript })
  try {
    const client = pair.lab.startClient(VIP)
    const measured: Outcome[][] = []
    for (const scenario of wanted) {
      const outcomes: Outcome[] = []
      for (let run = 0; run < Number(values.runs); run++) {
        outcomes.push(await measureOnce(pair, client, scenario))
        process.stderr.write(`${kind}: ${scenario.title}: ${JSON.stringify(outcomes.at(-1))}\n`)
      }
      measured.push(outcomes)
    }
    return measured
  } finally {
    await pair.lab[Symbol.asyncDispose]()
  }
}

type Client = ReturnType<Contender['lab']['startClient']>

async function measureOnce(pair: Contender, client: Client, scenario: Scenario): Promise<Outcome> {
  await repair(pair)
  await comeHome(pair, client)
  // At any moment between two looks of either kind.
  await delay(2_000 + Math.random() * 2_000)
  const workers = await workersOf(pair)
  const from = monotonicMs()
  await scenario.act(pair)
  await delay(500)
  const recovered = await client.servedSteadily(BOXES, monotonicMs(), LIMIT_MS).then(
    () => true,
    () => false,
  )
  const view = await client.viewSince(from)
  // Without a main process they would keep the port for good.
  for (const worker of workers) signalPid(worker, 'SIGKILL')
  return outcomeOf(view, recovered)
}

async function workersOf({ web1 }: Contender): Promise<readonly number[]> {
  const main = await web1.nginx.pid()
  const text = await readFile(`/proc/${main}/task/${main}/children`, 'utf8').catch(() => '')
  return text.split(' ').filter(Boolean).map(Number)
}

function outcomeOf({ outageMs, path }: ClientView, recovered: boolean): Outcome {
  return { outageMs: recovered ? outageMs : undefined, stayed: !path.includes('web2') }
}
