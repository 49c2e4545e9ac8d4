import { existsSync } from 'node:fs'
import { EXIT, UserError } from '../shared/errors.ts'
import { NGINX } from './nginx.ts'

const PROGRAMS = [NGINX, '/usr/sbin/ip', '/usr/sbin/bridge', '/usr/sbin/nft'] as const

/** The lab makes network namespaces and runs real programs in them: says what is missing for that. */
export function requireLabAbilities(): void {
  if (process.geteuid?.() !== 0) {
    throw new UserError('the lab needs root: it makes network namespaces', {
      code: 'lab.needs-root',
      exitCode: EXIT.usage,
      nextSteps: ['sudo haup lab'],
    })
  }
  const missing = PROGRAMS.filter((program) => !isInstalled(program))
  if (missing.length > 0) {
    throw new UserError(`the lab needs programs that are not installed: ${missing.join(', ')}`, {
      code: 'lab.program-missing',
      exitCode: EXIT.environment,
      nextSteps: ['apt-get install iproute2 nftables nginx-light'],
    })
  }
}

/** `/sbin` and `/bin` are the same place as below `/usr` on some systems only. */
const isInstalled = (program: string): boolean =>
  [program, program.replace('/usr/', '/'), program.replace('/sbin/', '/bin/')].some((path) => existsSync(path))
