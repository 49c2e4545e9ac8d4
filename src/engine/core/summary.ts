import type { EngineState, NodePlan } from './types.ts'

/** All instances in one line, as `systemctl status` shows it: `www MASTER, api FAULT (eth0 is down)`. PURE. */
export const summarize = (plan: NodePlan, state: EngineState): string =>
  plan.instances
    .flatMap(({ name }) => {
      const shown = state.instances.get(name)?.display
      if (shown === undefined) return []
      return [shown.state === 'FAULT' ? `${name} FAULT (${shown.reason})` : `${name} ${shown.state}`]
    })
    .join(', ')
