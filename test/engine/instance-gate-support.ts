import assert from 'node:assert/strict'
import type { HoldLimit } from '../../src/engine/core/hold-limit.ts'
import { createInstanceGate } from '../../src/engine/instance-gate.ts'
import type { LogRecord } from '../../src/shared/log.ts'
import { ok, type Result } from '../../src/shared/result.ts'
import { fromMillis, type Micros, toMillis } from '../../src/shared/units.ts'

export const at = (milliseconds: number): Micros => fromMillis(milliseconds)

/** An instance with adverts each 100 ms and a lease of 277 ms, over a gate that does as it is told. */
export function fenced() {
  const asked: (number | string)[] = []
  const log: LogRecord[] = []
  let answer: Result<void, string> = ok(undefined)
  let lease: Micros | undefined = at(277)
  let limit: HoldLimit | undefined
  let late = 0
  let clock = at(0)
  const gate = createInstanceGate({
    name: 'www',
    port: {
      prepare: () => assert.fail(),
      remove: () => assert.fail(),
      retire: () => assert.fail(),
      admit: () => {
        asked.push('admit')
        return Promise.resolve(answer)
      },
      handOn: () => {
        asked.push('hand on')
        return Promise.resolve(answer)
      },
      onForeignChange: () => assert.fail(),
      open: (_, until) => {
        asked.push(toMillis(until))
        return Promise.resolve(answer)
      },
      close: () => {
        asked.push('close')
        return Promise.resolve(answer)
      },
    },
    lease: () => lease,
    limit: () => limit,
    interval: () => at(100),
    now: () => clock,
    log: (record) => log.push(record),
    onLateOpening: () => {
      late += 1
    },
  })
  return {
    gate: {
      ...gate,
      sent: (time: Micros) => {
        clock = Math.max(clock, time) as Micros
        gate.sent(time)
      },
    },
    asked,
    codes: () => log.map(({ code }) => code),
    messages: () => log.map(({ message }) => message),
    late: () => late,
    answer: (next: Result<void, string>) => {
      answer = next
    },
    runTo: (milliseconds: number) => {
      clock = at(milliseconds)
    },
    limitTo: (milliseconds: number) => {
      limit = { until: at(milliseconds), reason: 'web2 acknowledges no adverts' }
    },
    leaseTo: (milliseconds: number) => {
      lease = at(milliseconds)
    },
    unfence: () => {
      lease = undefined
    },
    settle: () => new Promise((resolve) => setImmediate(resolve)),
  }
}
