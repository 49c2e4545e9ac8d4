import type { EngineState, InstancePlan, NodePlan } from './types.ts'

/** Whether an event has changed what is shown of an instance, or which there are. */
export const isShownAnew = (before: EngineState, after: EngineState, touched: readonly InstancePlan[]): boolean =>
  before.instances.size !== after.instances.size ||
  touched.some(({ name }) => {
    const [was, is] = [before.instances.get(name)?.display, after.instances.get(name)?.display]
    return was?.state !== is?.state || was?.reason !== is?.reason
  })

/** All instances in one line, as `systemctl status` shows it: `www MASTER, api FAULT (eth0 is down)`. PURE. */
export const summarize = (plan: NodePlan, state: EngineState): string =>
  plan.instances
    .flatMap(({ name }) => {
      const shown = state.instances.get(name)?.display
      if (shown === undefined) return []
      return [shown.state === 'FAULT' ? `${name} FAULT (${shown.reason})` : `${name} ${shown.state}`]
    })
    .join(', ')
