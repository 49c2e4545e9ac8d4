import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createServer, type LabServer } from './server.ts'

export const NGINX = '/usr/sbin/nginx'

export type LabNginx = LabServer & {
  readonly kind: 'nginx'
  /** From the next start or reload on, `/` is passed to this upstream instead of being answered here. */
  readonly passTo: (upstream: string) => Promise<void>
}

/** Prepares the directory; nginx is started by `start`. */
export async function prepareNginx(namespace: string, boxName: string, directory: string): Promise<LabNginx> {
  const configFile = join(directory, 'nginx.conf')
  const includeDirectory = join(directory, 'conf.d')
  let front = `return 200 "${boxName}\\n"`
  const good = (): string => renderConfig(boxName, front, directory)
  await mkdir(join(directory, 'tmp'), { recursive: true })
  await mkdir(includeDirectory)
  await writeFile(configFile, good())
  const startArgv = [NGINX, '-c', configFile, '-p', directory]
  const server = createServer(namespace, {
    kind: 'nginx',
    configFile,
    includeDirectory,
    pidFile: join(directory, 'nginx.pid'),
    testArgv: [...startArgv, '-t'],
    startArgv,
    reloadArgv: [...startArgv, '-s', 'reload'],
    failFlag: join(directory, 'answer-500'),
    good,
    faulty: () => good().replace('server {', 'server {\n    lisen 8080;'),
  })
  const passTo = async (upstream: string): Promise<void> => {
    front = `proxy_pass http://${upstream}`
    await writeFile(configFile, good())
  }
  return { ...server, kind: 'nginx', passTo }
}

const renderConfig = (boxName: string, front: string, directory: string): string => `
worker_processes 1;
pid ${directory}/nginx.pid;
error_log ${directory}/error.log notice;
events { worker_connections 1024; }
http {
  access_log off;
  default_type text/plain;
  client_body_temp_path ${directory}/tmp/body;
  proxy_temp_path ${directory}/tmp/proxy;
  fastcgi_temp_path ${directory}/tmp/fastcgi;
  uwsgi_temp_path ${directory}/tmp/uwsgi;
  scgi_temp_path ${directory}/tmp/scgi;
  include ${directory}/conf.d/*.conf;
  server {
    listen 80;
    if (-f ${directory}/answer-500) { return 500; }
    location / { ${front}; }
    location = /index.html { return 200 "${boxName}\\n"; }
    location = /healthz { return 200 "ok\\n"; }
  }
}
`
