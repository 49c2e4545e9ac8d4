import { type ArbiterPlace, openArbiter } from '../../../../src/engine/io/arbiter.ts'
import type { StoreOptions } from '../../../../src/engine/io/arbiter-store.ts'
import { now as realNow } from '../../../../src/engine/io/clock.ts'
import { fromSeconds, type Micros, micros } from '../../../../src/shared/units.ts'

export const NO_TLS = { ca: undefined, own: undefined }

/** A node's port; its clock runs as the real one and can be put forward. */
export function openNode(place: ArbiterPlace, options: Partial<StoreOptions> = {}) {
  let ahead = 0
  const now = (): Micros => micros(realNow() + ahead)
  const port = openArbiter(place, 'www', {
    tls: NO_TLS,
    login: undefined,
    token: 'boot-1',
    timeout: fromSeconds(3),
    now,
    ...options,
  })
  return {
    port,
    now,
    wait: (time: Micros): void => {
      ahead += time
    },
    [Symbol.dispose]: port.close,
  }
}
