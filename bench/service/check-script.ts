import { chmod, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { CheckScript } from '../holders/contender.ts'

/** Seconds; tutorials have 2 to 10. */
export const CHECK_INTERVAL = 2

/**
 * The check script of the tutorials (chk_nginx.sh): port not open: start nginx, wait 2 s, look again; still not open: stop
 * keepalived, so that the other box takes the address.
 */
export const checkScript: CheckScript = async (box, labDirectory) => {
  const path = join(labDirectory, `chk_nginx-${box.name}.sh`)
  const pidFile = join(labDirectory, `keepalived-${box.name}`, 'keepalived.pid')
  const isOpen = 'ss -Hltn "sport = :80" | grep -q LISTEN'
  const text = `#!/bin/sh
${isOpen} && exit 0
${box.nginx.startArgv.join(' ')}
sleep 2
${isOpen} && exit 0
kill $(cat ${pidFile})
`
  await writeFile(path, text)
  await chmod(path, 0o755)
  return { argv: path, interval: CHECK_INTERVAL }
}
