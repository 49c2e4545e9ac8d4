import assert from 'node:assert/strict'
import { closedGate, type GateInput, type GateState, gateStep } from '../../src/engine/core/gate-policy.ts'
import type { HoldLimit } from '../../src/engine/core/hold-limit.ts'
import { createInstanceGate } from '../../src/engine/instance-gate.ts'
import type { Admission, HandOn } from '../../src/engine/ports.ts'
import { ok, type Result } from '../../src/shared/result.ts'
import { fromMillis, type Micros, toMillis } from '../../src/shared/units.ts'

export const at = (milliseconds: number): Micros => fromMillis(milliseconds)

/** The policy with adverts each 100 ms and a lease of 277 ms, and what carries it out, over a gate that does as it is told. */
export function fenced() {
  const asked: (number | string)[] = []
  const log: { code: string; message: string }[] = []
  let answer: Result<void, string> = ok(undefined)
  let lease: Micros | undefined = at(277)
  let limit: HoldLimit | undefined
  let late = 0
  let clock = at(0)
  let state: GateState = closedGate
  const note = (what: number | string): Promise<Result<void, string>> => {
    asked.push(what)
    return Promise.resolve(answer)
  }
  const shell = createInstanceGate({
    name: 'www',
    port: {
      prepare: () => assert.fail(),
      remove: () => assert.fail(),
      retire: () => assert.fail(),
      onForeignChange: () => assert.fail(),
      admit: () => note('admit'),
      handOn: () => note('hand on'),
      open: (_, until) => note(toMillis(until)),
      close: () => note('close'),
    },
    fenced: () => lease !== undefined,
    now: () => clock,
    onOpened: (until) => feed({ kind: 'opened', until, now: clock }),
    onFailed: (message) => feed({ kind: 'failed', message, now: clock }),
    onNotClosed: (message) => log.push({ code: 'gate.close', message }),
  })
  const feed = (input: GateInput): void => {
    const step = gateStep({ lease, interval: at(100), limit: lease && limit }, state, input)
    state = step.gate
    for (const order of step.orders) {
      if (order.kind === 'open') void shell.set(order.until)
      else if (order.kind === 'close') void shell.set(undefined)
      else if (order.kind === 'announce') late += 1
      else log.push(order)
    }
  }
  return {
    gate: {
      sent: (time: Micros): void => {
        clock = Math.max(clock, time) as Micros
        feed({ kind: 'sent', at: time, now: clock })
      },
      extend: (): void => feed({ kind: 'limits', now: clock }),
      open: (): Promise<void> => {
        feed({ kind: 'bound', now: clock })
        return shell.settled()
      },
      close: (): Promise<void> => {
        feed({ kind: 'released', now: clock })
        return shell.close()
      },
      admit: (admission: Admission, until: Micros) => shell.admit(admission, until),
      handOn: (target: HandOn, until: Micros) => {
        feed({ kind: 'released', now: clock })
        return shell.handOn(target, until)
      },
      isOpen: shell.isOpen,
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
    limitTo: (milliseconds: number, complete = false) => {
      limit = { until: at(milliseconds), reason: 'web2 acknowledges no adverts', complete }
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
