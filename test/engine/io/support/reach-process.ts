import { createReachPort } from '../../../../src/engine/io/reach.ts'
import type { ReachTarget } from '../../../../src/engine/ports.ts'
import type { Ipv4 } from '../../../../src/shared/ip.ts'
import { fromMillis } from '../../../../src/shared/units.ts'
import { serveAgent } from '../../../support/agent-loop.ts'

const port = createReachPort()

await serveAgent({
  lan: (name: string, ...exclude: Ipv4[]) => port.lanReach(name, exclude),
  check: (target: ReachTarget, ms: number) => port.check(target, fromMillis(ms)),
  close: port.close,
})
