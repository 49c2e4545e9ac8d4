import { errnoCode, native } from '../../native/index.ts'
import { isForWantOfDescriptors, LACKS_DESCRIPTORS } from '../../shared/descriptors.ts'
import { err, ok, type Result } from '../../shared/result.ts'

/** Names and indexes of this namespace's interfaces, as they are at the time of the call. */
export type Interfaces = {
  readonly indexOf: (name: string) => Result<number, string>
  /** undefined when there is none (any more). */
  readonly nameOf: (index: number) => string | undefined
}

export const kernelInterfaces: Interfaces = {
  indexOf: (name) => {
    try {
      return ok(native().interfaceByName(name).index)
    } catch (thrown) {
      if (errnoCode(thrown) === 'ENODEV') return err(`interface ${name} does not exist`)
      if (!isForWantOfDescriptors(thrown)) throw thrown
      return err(`interface ${name} cannot be looked at: ${LACKS_DESCRIPTORS}`)
    }
  },
  nameOf: (index) => {
    try {
      return native().nameOfInterface(index)
    } catch (thrown) {
      if (errnoCode(thrown) !== 'ENODEV' && !isForWantOfDescriptors(thrown)) throw thrown
      return undefined
    }
  },
}
