import type { InstancePlan, NodePlan } from './core/types.ts'
import { type Counters, createCounters } from './counters.ts'
import type { RouterActuator } from './router-actions.ts'

/** What the shell keeps for one instance. */
export type Part = { readonly counters: Counters; readonly actuator: RouterActuator }

export type Parts = {
  /** Throws when there is no such instance: a bug. */
  readonly get: (instance: string) => Part
  /** Follows a changed plan; what is in `gone` ends (its last actions are still carried out) or begins anew. */
  readonly follow: (plan: NodePlan, gone: readonly string[]) => void
  /** Resolves when every action has been carried out, also those of instances that have gone. */
  readonly idle: () => Promise<void>
}

export function createParts(
  plan: NodePlan,
  createActuator: (instance: InstancePlan, counters: Counters) => RouterActuator,
): Parts {
  const create = (instance: InstancePlan): Part => {
    const counters = createCounters()
    return { counters, actuator: createActuator(instance, counters) }
  }
  const parts = new Map(plan.instances.map((instance) => [instance.name, create(instance)]))
  const leaving = new Set<Promise<void>>()

  const end = (name: string): void => {
    const part = parts.get(name)
    parts.delete(name)
    const left = part?.actuator.idle().finally(() => leaving.delete(left ?? Promise.resolve()))
    if (left !== undefined) leaving.add(left)
  }

  return {
    get: (name) => {
      const found = parts.get(name)
      if (found === undefined) throw new Error(`no instance ${name}`)
      return found
    },
    follow: (next, gone) => {
      for (const name of gone) end(name)
      for (const instance of next.instances) {
        const part = parts.get(instance.name)
        if (part === undefined) parts.set(instance.name, create(instance))
        else part.actuator.replan(instance)
      }
    },
    idle: async () => {
      await Promise.all([...leaving, ...[...parts.values()].map(({ actuator }) => actuator.idle())])
    },
  }
}
