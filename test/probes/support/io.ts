import { mkdtemp, rm } from 'node:fs/promises'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo, Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { runProbe } from '../../../src/probes/run.ts'
import type { ProbeResult, ProbeSpec } from '../../../src/probes/types.ts'
import { fromMillis } from '../../../src/shared/units.ts'

type HttpSpec = ProbeSpec & { readonly kind: 'http' }

/** Runs a probe with nobody to stop it. */
export const probe = (spec: ProbeSpec, timeoutMs = 2_000): Promise<ProbeResult> =>
  runProbe(spec, fromMillis(timeoutMs), new AbortController().signal)

export const http = (url: string, changes: Partial<HttpSpec> = {}): HttpSpec => ({
  kind: 'http',
  url,
  status: [[200, 399]],
  method: 'GET',
  headers: {},
  host: undefined,
  body: undefined,
  sni: undefined,
  ca: { kind: 'system' },
  ...changes,
})

/** Listens on a free port of the loopback until the test ends. */
export async function listen(t: TestContext, server: Server): Promise<number> {
  const sockets = new Set<{ destroy: () => void }>()
  server.on('connection', (socket) => sockets.add(socket))
  t.after(() => {
    server.close()
    for (const socket of sockets) socket.destroy()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return portOf(server)
}

export const serve = async (t: TestContext, handler: RequestListener): Promise<string> =>
  `http://127.0.0.1:${await listen(t, createServer(handler))}/`

/** A port that nobody listens on (any more). */
export async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const port = portOf(server)
  await new Promise((resolve) => server.close(resolve))
  return port
}

export async function directory(t: TestContext): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'haup-probes-'))
  t.after(() => rm(path, { recursive: true, force: true }))
  return path
}

const portOf = (server: Server): number => (server.address() as AddressInfo).port
