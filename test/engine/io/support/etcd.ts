import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { httpExchange } from '../../../../src/engine/io/http-exchange.ts'

/** A real etcd of one member on loopback, with its data in a directory of its own. */
export type Etcd = {
  readonly url: string
  /** SIGSTOP and SIGCONT: it neither answers nor ends. */
  readonly pause: () => void
  readonly goOn: () => void
  /** One request of the gateway; throws unless it is carried out. */
  readonly ask: (path: string, body: object) => Promise<string>
} & AsyncDisposable

export type EtcdFiles = { readonly cert: string; readonly key: string }

export async function startEtcd(tls?: EtcdFiles): Promise<Etcd> {
  const directory = mkdtempSync(join(tmpdir(), 'haup-etcd-'))
  const [port, peerPort] = await Promise.all([freePort(), freePort()])
  const scheme = tls === undefined ? 'http' : 'https'
  const [url, peerUrl] = [`${scheme}://127.0.0.1:${port}`, `http://127.0.0.1:${peerPort}`]
  const urls = ['--listen-client-urls', url, '--advertise-client-urls', url, '--listen-peer-urls', peerUrl]
  const self = ['--name', 'one', '--initial-advertise-peer-urls', peerUrl, '--initial-cluster', `one=${peerUrl}`]
  const files = tls === undefined ? [] : ['--cert-file', tls.cert, '--key-file', tls.key]
  const options = ['--data-dir', directory, '--unsafe-no-fsync', '--logger', 'zap', ...urls, ...self, ...files]
  const child = spawn('etcd', options, { stdio: ['ignore', 'ignore', 'pipe'] })
  const ended = once(child, 'exit')
  await ready(createInterface({ input: child.stderr }))
  child.stderr.resume()
  return {
    url,
    pause: () => child.kill('SIGSTOP'),
    goOn: () => child.kill('SIGCONT'),
    ask: async (path, body) => {
      const request = { url: `${url}${path}`, method: 'POST', headers: {}, body: JSON.stringify(body) } as const
      const trusted = { ca: tls?.cert, own: undefined }
      const answer = await httpExchange({ ...request, tls: trusted }, new AbortController().signal)
      if (!answer.ok || answer.value.status !== 200) throw new Error(`${path}: ${JSON.stringify(answer)}`)
      return answer.value.body
    },
    [Symbol.asyncDispose]: async () => {
      child.kill('SIGKILL')
      await ended
      rmSync(directory, { recursive: true, force: true })
    },
  }
}

/** A certificate of its own for 127.0.0.1. */
export function makeCertificate(directory: string): EtcdFiles {
  const [cert, key] = [join(directory, 'cert.pem'), join(directory, 'key.pem')]
  const subject = ['-subj', '/CN=arbiter', '-addext', 'subjectAltName=IP:127.0.0.1']
  const made = ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', '-keyout', key, '-out', cert]
  execFileSync('openssl', [...made, ...subject], { stdio: 'pipe' })
  return { cert, key }
}

async function ready(lines: AsyncIterable<string>): Promise<void> {
  const said: string[] = []
  for await (const line of lines) {
    said.push(line)
    if (line.includes('serving client traffic')) return
  }
  throw new Error(`etcd did not start: ${said.slice(-3).join('\n')}`)
}

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  if (typeof address !== 'object' || address === null) throw new Error('no port')
  return address.port
}
