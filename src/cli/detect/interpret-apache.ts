import type { Listen, Site } from './facts.ts'

/** Reading `apachectl -t -D DUMP_VHOSTS -D DUMP_RUN_CFG` (the same as `apachectl -S`) and the main file. PURE. */

export type ApacheConfig = {
  readonly sites: readonly Site[]
  readonly pidFile: string | undefined
  readonly root: string | undefined
}

const ONE = /^(\S+):(\d+)\s+(\S+) \(\S+:\d+\)$/
const SEVERAL = /^(\S+):(\d+)\s+is a NameVirtualHost$/
const NAMED = /^\s+(?:default server|port \d+ namevhost) (\S+)/
const ALIAS = /^\s+(?:wild )?alias (\S+)$/

export function interpretApacheDump(output: string): ApacheConfig {
  const field = (name: string): string | undefined => new RegExp(`^${name}: "([^"]+)"`, 'm').exec(output)?.[1]
  return { sites: interpretVhosts(output), pidFile: field('PidFile'), root: field('ServerRoot') }
}

function interpretVhosts(output: string): Site[] {
  const sites: { listens: Listen[]; names: string[]; paths: string[] }[] = []
  for (const line of output.split('\n')) {
    const one = ONE.exec(line) ?? SEVERAL.exec(line)
    const name = (NAMED.exec(line) ?? ALIAS.exec(line))?.[1]
    if (one !== null) {
      const listen = listenOf(one[1] ?? '', Number(one[2]))
      sites.push({
        listens: listen === undefined ? [] : [listen],
        names: one[3] === undefined ? [] : [one[3]],
        paths: [],
      })
    } else if (name !== undefined) {
      const names = sites.at(-1)?.names
      if (names?.includes(name) === false) names.push(name)
    }
  }
  return sites.filter(({ listens }) => listens.length > 0)
}

/** Which ports speak TLS is not in the dump; the usual ones do. */
function listenOf(host: string, port: number): Listen | undefined {
  if (host.startsWith('[')) return undefined
  return {
    address: host === '*' || host === '_default_' ? '0.0.0.0' : host,
    port,
    isTls: port === 443 || port === 8443,
  }
}

/**
 * Directories of which every `*.conf` is read, from the `Include` lines of the main file. Debian's `conf-enabled` holds
 * links into `conf-available`.
 */
export function interpretApacheIncludes(mainFile: string, root: string): string | undefined {
  const directories = mainFile.split('\n').flatMap((line) => {
    const directory = /^\s*Include(?:Optional)?\s+"?([^"\s]+)\/\*(?:\.conf)?"?\s*$/i.exec(line)?.[1]
    return directory === undefined ? [] : [directory.startsWith('/') ? directory : `${root}/${directory}`]
  })
  return (
    directories.find((each) => /\/conf(-enabled|\.d)$/.test(each)) ??
    directories.find((each) => /extra|conf/.test(each))
  )
}
