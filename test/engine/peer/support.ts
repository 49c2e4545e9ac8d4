import type { PeerInstance, PeerReport } from '../../../src/engine/peer/types.ts'
import { fromMillis, fromSeconds } from '../../../src/shared/units.ts'

export const instance = (changes: Partial<PeerInstance> = {}): PeerInstance => ({
  name: 'www',
  state: 'MASTER',
  reason: 'priority 200 is the highest',
  age: fromSeconds(90),
  holding: true,
  ready: true,
  priority: 200,
  wait: fromSeconds(3.219),
  lan: 'reached',
  claim: undefined,
  grant: undefined,
  move: undefined,
  ...changes,
})

export const report = (changes: Partial<PeerReport> = {}): PeerReport => ({
  haup: '0.1.0',
  leaving: false,
  standby: false,
  digests: { cluster: '0123abcd', instances: 'ffffffff' },
  lateness: fromMillis(2),
  every: fromSeconds(1),
  instances: [instance()],
  services: [{ name: 'nginx', good: true, detail: 'HTTP 200 in 3 ms' }],
  ...changes,
})
