import { string } from '@oclif/core/flags'
import { DEFAULT_RUN_DIR } from '../control/messages.ts'

/** Where the engine's sockets are. */
export const runDirFlag = string({
  description: "directory of the engine's sockets",
  default: DEFAULT_RUN_DIR,
  helpValue: 'DIR',
})
