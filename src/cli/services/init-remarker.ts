import type { Neighbour } from '../../engine/io/neighbours.ts'
import type { HostFacts } from '../detect/facts.ts'
import type { AnswerKey, Answers } from './init-answers.ts'
import {
  askable,
  type Remark,
  remarksOnAddresses,
  remarksOnBox,
  remarksOnChannel,
  remarksOnInterface,
  remarksOnVrid,
} from './init-remarks.ts'
import type { InitWorld } from './init-world.ts'

export type { Remark }

export type Remarker = {
  readonly onAnswer: (key: AnswerKey, answers: Answers) => Promise<void>
  readonly all: () => readonly Remark[]
}

/** Tells what will give trouble as soon as it can be known, and collects it. */
export function createRemarker(
  facts: HostFacts,
  presentVrid: number | undefined,
  world: Pick<InitWorld, 'askWhoHas' | 'during'>,
  tell: (remark: Remark) => void,
): Remarker {
  const remarks: Remark[] = []
  const add = (more: readonly Remark[]): void => {
    remarks.push(...more)
    for (const remark of more) tell(remark)
  }
  add(remarksOnBox(facts))
  return {
    all: () => remarks,
    onAnswer: async (key, answers) => {
      if (key === 'interface') add(remarksOnInterface(facts, answers))
      if (key === 'vip') add(remarksOnAddresses(facts, answers, await askAround(facts, answers, world), presentVrid))
      if (key === 'no-peer') add(remarksOnChannel(facts, answers))
      if (key === 'vrid') add(remarksOnVrid(facts, answers))
    },
  }
}

async function askAround(
  facts: HostFacts,
  answers: Answers,
  world: Pick<InitWorld, 'askWhoHas' | 'during'>,
): Promise<Neighbour[]> {
  // Nobody listened: nobody asks either.
  if (facts.heard === undefined) return []
  const addresses = askable(facts, answers).map(({ address }) => address)
  if (addresses.length === 0) return []
  const asked = Promise.all(addresses.map(world.askWhoHas))
  const found = await world.during(`asking the LAN for ${addresses.join(', ')}`, asked)
  return found.filter((neighbour) => neighbour !== undefined)
}
