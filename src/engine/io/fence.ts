import { runBounded } from '../../probes/bounded-command.ts'
import { printable } from '../../shared/log.ts'
import type { Micros } from '../../shared/units.ts'
import type { FencePort } from '../peer/witness.ts'

export type FenceOptions = {
  /** Program and arguments; `{node}` in an argument becomes the node's name. */
  readonly argv: readonly string[]
  readonly timeout: Micros
}

/**
 * Exit 0 within `timeout` confirms that the node is off; everything else does not. What runs for longer is killed with its
 * children: whether the node is off is not known then.
 */
export const createFencePort = ({ argv, timeout }: FenceOptions): FencePort => ({
  fence: async (node) => {
    const { ok, line } = await runBounded(fencingOf(argv, node), timeout)
    return { confirmed: ok, line: printable(line) }
  },
})

/** The command against this node. */
export const fencingOf = (argv: readonly string[], node: string): readonly string[] =>
  argv.map((argument, at) => (at === 0 ? argument : argument.replaceAll('{node}', () => node)))
