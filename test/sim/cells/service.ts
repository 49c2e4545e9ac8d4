import type { Micros } from '../../../src/shared/units.ts'
import type { World } from '../peers/world.ts'
import { couldServe, isReached } from './scene.ts'

export type Span = { readonly from: Micros; readonly until: Micros; readonly who: string }

/** Looks, whenever something has happened, who answers clients, and whether anybody could. */
export function watchService(world: World, limit: Micros) {
  const instances = world.config.instances.map(({ name }) => createWatch(world, name))
  const claimsBefore = claimsOf(world)
  world.follow(() => {
    for (const each of instances) each.look()
  })
  return {
    limit,
    /** Something begins or ends here: what was dark until now is over, and counts from here on. */
    mark: () => {
      for (const each of instances) each.mark()
    },
    seen: () => {
      for (const each of instances) each.mark()
      return {
        doubles: instances.flatMap(({ doubles }) => doubles),
        gaps: instances.flatMap(({ gaps }) => gaps),
        claims: Math.round((claimsOf(world) - claimsBefore) / instances.length),
      }
    },
  }
}

const claimsOf = ({ boxes }: World): number => boxes.reduce((sum, { counts }) => sum + counts.claims, 0)

function createWatch(world: World, instance: string) {
  const doubles: Span[] = []
  const gaps: Span[] = []
  let double: { from: Micros; who: string } | undefined
  let dark: Micros | undefined

  const endDouble = (): void => {
    if (double !== undefined) doubles.push({ ...double, until: world.now() })
    double = undefined
  }
  const endDark = (): void => {
    if (dark !== undefined) gaps.push({ from: dark, until: world.now(), who: instance })
    dark = undefined
  }
  const look = (): void => {
    const accepting = world.boxes.filter((box) => box.accepts(instance))
    if (accepting.length > 1) double ??= { from: world.now(), who: accepting.map(({ name }) => name).join(' and ') }
    else endDouble()
    const isServed = world.isCovered(instance, isReached)
    if (!isServed && world.boxes.some((box) => couldServe(world, box))) dark ??= world.now()
    else endDark()
  }
  return {
    doubles,
    gaps,
    look,
    mark: () => {
      endDouble()
      endDark()
      look()
    },
  }
}
