import { execFile } from 'node:child_process'
import { cpus, release } from 'node:os'
import { join } from 'node:path'
import { runProgram } from '../src/lab/run.ts'

/**
 * Every table of docs/measurements.md as Markdown on standard output, in some 35 minutes: each bench in turn.
 * `node bench/docs.ts`; root, and nothing else on the machine.
 */

type Part = { readonly heading: string; readonly runs: readonly (readonly [name: string, ...args: string[]])[] }

const PARTS: readonly Part[] = [
  {
    heading: 'Start-up and idle engine',
    runs: [
      ['status', '20'],
      ['engine', '60'],
    ],
  },
  { heading: 'The peer channel', runs: [['channel', '--seconds', '20']] },
  {
    heading: 'Who holds the address when something breaks',
    runs: [
      ['holders', '--interval', '1000', '--runs', '1'],
      ['holders', '--interval', '100', '--runs', '2'],
      ['holders', '--interval', '1000', '--runs', '10', '--only', 'dark, lit|dropped both'],
      ['holders', '--second-line', '--interval', '1000', '--interval', '100', '--runs', '1'],
    ],
  },
  { heading: 'Planned moves', runs: [['moves', '--runs', '100', '--pairs', '3', '--within', '600']] },
  { heading: 'What a client sees when the web server dies', runs: [['service', '--runs', '10']] },
]

const began = performance.now()
const missed: string[] = []
print(`Measured on ${await describeMachine()}.`)
for (const { heading, runs } of PARTS) {
  const blocks: string[] = []
  for (const run of runs) blocks.push(await measure(run))
  print(['', `## ${heading}`, '', '```', blocks.join('\n\n'), '```'].join('\n'))
}
print(`\n${Math.round((performance.now() - began) / 1_000)} s. Goals missed: ${missed.join(', ') || 'none'}.`)
process.exitCode = missed.length === 0 ? 0 : 1

/** What a bench prints; its progress goes to standard error as it comes. */
function measure([name, ...args]: Part['runs'][number]): Promise<string> {
  const command = [join(import.meta.dirname, `${name}.ts`), ...args]
  const { promise, resolve } = Promise.withResolvers<string>()
  const from = performance.now()
  const child = execFile(process.execPath, command, { maxBuffer: 2 ** 26 }, (error, stdout) => {
    const took = Math.round((performance.now() - from) / 1_000)
    process.stderr.write(`=== ${name} ${args.join(' ')}: ${took} s\n`)
    if (error !== null) missed.push([name, ...args].join(' '))
    resolve(stdout.trim() === '' ? `${name}: nothing was measured` : stdout.replace(/^\n+|\s+$/g, ''))
  })
  child.stderr?.pipe(process.stderr)
  return promise
}

async function describeMachine(): Promise<string> {
  const root = join(import.meta.dirname, '..')
  const [commit, changes] = await Promise.all([
    runProgram(['git', '-C', root, 'rev-parse', '--short', 'HEAD']),
    runProgram(['git', '-C', root, 'status', '--porcelain', '--', 'src']),
  ])
  const version = await runProgram(['keepalived', '--version'])
  const keepalived = /v(\d[\d.]*)/.exec(`${version.stdout}${version.stderr}`)?.[1] ?? '?'
  const what = `haup ${commit.stdout.trim() || '?'}${changes.stdout.trim() === '' ? '' : ' with changes'}`
  return `${what}, keepalived ${keepalived}, Node ${process.version}, Linux ${release()}, ${cpus().length} cores`
}

function print(text: string): void {
  process.stdout.write(`${text}\n`)
}
