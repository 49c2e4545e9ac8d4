import type { EngineState, InstancePlan, NodePlan } from './types.ts'

/** Whether an event has changed what is shown of an instance, or which there are. */
export const isShownAnew = (before: EngineState, after: EngineState, touched: readonly InstancePlan[]): boolean =>
  before.instances.size !== after.instances.size ||
  touched.some(({ name }) => {
    const [was, is] = [before.instances.get(name), after.instances.get(name)]
    return (
      was?.display.state !== is?.display.state ||
      was?.display.reason !== is?.display.reason ||
      was?.redundancy.told !== is?.redundancy.told
    )
  })

/** All instances in one line, as `systemctl status` shows it: `www MASTER (nobody could take over), api FAULT (eth0 is down)`. PURE. */
export const summarize = (plan: NodePlan, state: EngineState): string =>
  plan.instances
    .flatMap(({ name }) => {
      const runtime = state.instances.get(name)
      if (runtime === undefined) return []
      const { display, redundancy } = runtime
      if (display.state === 'FAULT') return [`${name} FAULT (${display.reason})`]
      return [redundancy.told ? `${name} ${display.state} (nobody could take over)` : `${name} ${display.state}`]
    })
    .join(', ')
