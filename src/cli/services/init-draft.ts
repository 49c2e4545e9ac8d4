import { basename } from 'node:path'
import { checkAgainstHost } from '../../config/check-host.ts'
import { formatPath } from '../../config/finding.ts'
import { toUserError } from '../../config/format.ts'
import { finishConfig, interpretConfig } from '../../config/interpret.ts'
import type { HostFacts } from '../detect/facts.ts'
import type { Answers } from './init-answers.ts'
import { asSecret } from './init-key.ts'
import type { Remark } from './init-remarks.ts'
import type { PlannedFile } from './init-side.ts'

/** What is about to be written, read as the engine would read it. PURE. */

/** Answers that are each valid can be wrong together; then it throws, and nothing has been touched yet. */
export function readDraft(
  content: string,
  file: string,
  beside: readonly PlannedFile[],
  { node: own }: Pick<Answers, 'node'>,
  facts: HostFacts,
): readonly Remark[] {
  const draft = interpretConfig(content, file)
  if (!draft.ok) throw toUserError(draft.error)
  const finished = finishConfig(draft.value, new Map(beside.map((each) => [basename(each.path), asSecret(each)])))
  if (!finished.ok) throw toUserError(finished.error)
  const { config, warnings } = finished.value
  const node = config.nodes.find(({ name }) => name === own)
  const ofHost = node === undefined ? [] : checkAgainstHost(config, node, interfacesOf(facts))
  // Of virtual addresses that has been told with the subnets of this box.
  const others = warnings.filter(({ message }) => !message.includes(' is outside the subnet of '))
  return [
    ...others.map(({ path, message, remedy }) => ({ code: 'config', message: `${path}: ${message}`, remedy })),
    ...ofHost.map(({ path, message, remedy }) => ({
      code: 'config.host',
      message: `${formatPath(path)}: ${message}`,
      remedy,
    })),
  ]
}

export function interfacesOf({ addresses }: Pick<HostFacts, 'addresses'>) {
  const names = [...new Set(addresses.map((each) => each.interface))]
  return names.map((name) => ({ name, addresses: addresses.filter((each) => each.interface === name) }))
}

/** Of the same thing, with its place in the file before it or not. */
export const isTold = ({ message }: Remark, told: readonly Remark[]): boolean =>
  told.some((known) => isSame(message, known.message) || isSame(known.message, message))

const isSame = (longer: string, shorter: string): boolean => longer === shorter || longer.endsWith(`: ${shorter}`)
