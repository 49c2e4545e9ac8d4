import { isAbsolute, join } from 'node:path/posix'

/** Reading what web servers say of themselves. PURE. */

export type NginxBuild = { readonly prefix: string; readonly configFile: string; readonly pidFile: string }

/** `nginx -V` (on stderr). Paths that are not given have nginx's own defaults, below the prefix. */
export function interpretNginxV(output: string): NginxBuild | undefined {
  if (!/^nginx version: /m.test(output)) return undefined
  const option = (name: string): string | undefined =>
    new RegExp(`--${name}=('[^']*'|\\S+)`).exec(output)?.[1]?.replaceAll("'", '')
  const prefix = option('prefix') ?? '/usr/local/nginx'
  const below = (path: string) => (isAbsolute(path) ? path : join(prefix, path))
  return {
    prefix,
    configFile: below(option('conf-path') ?? 'conf/nginx.conf'),
    pidFile: below(option('pid-path') ?? 'logs/nginx.pid'),
  }
}

export type ApacheBuild = { readonly root: string; readonly configFile: string; readonly pidFile: string | undefined }

/** `apachectl -V`, `apache2ctl -V` or `httpd -V`. Distributions override the pid file at run time. */
export function interpretApacheV(output: string): ApacheBuild | undefined {
  if (!/^Server version: Apache/m.test(output)) return undefined
  const define = (name: string): string | undefined => new RegExp(`-D ${name}="([^"]*)"`).exec(output)?.[1]
  const root = define('HTTPD_ROOT') ?? '/etc/httpd'
  const below = (path: string) => (isAbsolute(path) ? path : join(root, path))
  const pidFile = define('DEFAULT_PIDLOG')
  return {
    root,
    configFile: below(define('SERVER_CONFIG_FILE') ?? 'conf/httpd.conf'),
    pidFile: pidFile === undefined ? undefined : below(pidFile),
  }
}

/** `systemctl show --property=LoadState NAME`: whether systemd knows the unit. */
export const isUnitLoaded = (output: string): boolean => /^LoadState=loaded$/m.test(output)

/**
 * Which configuration a running server was started with: `-c FILE -p PREFIX` of nginx, `-f FILE -d ROOT` of apache, from
 * its command line.
 */
export function chosenConfig(
  argv: readonly string[],
  fileFlag: string,
  rootFlag: string,
): { readonly file: string | undefined; readonly root: string | undefined; readonly options: readonly string[] } {
  const value = (flag: string): string | undefined => {
    const at = argv.findIndex((word) => word.startsWith(`-${flag}`))
    const word = argv[at]
    return at < 0 ? undefined : word === `-${flag}` ? argv[at + 1] : word?.slice(2)
  }
  const [file, root] = [value(fileFlag), value(rootFlag)]
  const path = file === undefined || isAbsolute(file) || root === undefined ? file : join(root, file)
  const options = [
    ...(root === undefined ? [] : [`-${rootFlag}`, root]),
    ...(path === undefined ? [] : [`-${fileFlag}`, path]),
  ]
  return { file: path, root, options }
}
