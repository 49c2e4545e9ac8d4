import type { EngineEvent, NodePlan } from '../../../src/engine/core/types.ts'
import type { Listener, Loop } from '../../../src/engine/loop.ts'
import { createNode } from '../core/support.ts'

/** A node on a clock of its own behind the face of the engine's loop; `run` tells the watchers at each tenth of a second. */
export function loopOf(plan: NodePlan) {
  const box = createNode(plan)
  const listeners = new Set<Listener>()
  const tell = (): void => {
    for (const listener of listeners) listener(box.state(), plan.instances)
  }
  const loop: Pick<Loop, 'dispatch' | 'state' | 'watch' | 'plan'> = {
    dispatch: ({ now: _, ...event }: EngineEvent) => {
      box.send(event as Parameters<typeof box.send>[0])
      tell()
    },
    state: box.state,
    watch: (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    plan: () => plan,
  }
  const run = (until: number): void => {
    for (let at = Math.floor(box.now() / 100_000) + 1; at <= until * 10; at += 1) {
      box.run(at / 10)
      tell()
    }
  }
  return { box, loop, run, tell }
}
