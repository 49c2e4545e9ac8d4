import { connect } from 'node:net'
import type { ClientReport } from './client-report.ts'
import type { ClientRequest } from './measure.ts'
import { monotonicMs } from './monotonic.ts'

/**
 * The lab's client, as a program of its own (ADDRESS INTERVAL_MS TIMEOUT_MS): every interval a new TCP connection and one
 * GET to the address given, whatever became of the earlier ones. Tells its parent by JSON lines on standard output; ends
 * when standard input ends.
 */

const REPORT_EVERY = 5

function runClient(address: string, intervalMs: number, timeoutMs: number): void {
  const inFlight = new Set<number>()
  let done: ClientRequest[] = []
  let ticks = 0
  const tick = () => {
    const start = monotonicMs()
    inFlight.add(start)
    get(address, timeoutMs, (servedBy) => {
      inFlight.delete(start)
      done.push({ start, end: monotonicMs(), servedBy })
    })
    ticks += 1
    if (ticks % REPORT_EVERY !== 0) return
    const report: ClientReport = { done, completeTo: Math.min(...inFlight) }
    process.stdout.write(`${JSON.stringify(report)}\n`)
    done = []
  }
  setInterval(tick, intervalMs)
  process.stdin.on('end', () => process.exit(0)).resume()
}

/** Calls back once, with the box's name when the answer was a whole 200. */
function get(address: string, timeoutMs: number, callBack: (servedBy: string | undefined) => void): void {
  let answer = ''
  const socket = connect({ host: address, port: 80 })
  const timer = setTimeout(() => socket.destroy(), timeoutMs)
  socket.setEncoding('latin1')
  socket.on('connect', () => socket.write(`GET / HTTP/1.0\r\nHost: ${address}\r\n\r\n`))
  socket.on('data', (text: string) => {
    answer += text
  })
  // 'close' follows every error; what was lost is told by the answer being incomplete.
  socket.on('error', () => undefined)
  socket.on('close', () => {
    clearTimeout(timer)
    callBack(/^HTTP\/1\.1 200 .*\r\n\r\n([a-z0-9-]+)\n$/s.exec(answer)?.[1])
  })
}

const [address = '', intervalMs, timeoutMs] = process.argv.slice(2)
runClient(address, Number(intervalMs), Number(timeoutMs))
