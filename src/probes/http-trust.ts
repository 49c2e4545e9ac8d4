import { createSecureContext, getCACertificates, type SecureContext } from 'node:tls'
import { messageOf } from '../shared/errors.ts'
import { readRegular } from '../shared/regular-file.ts'
import { err, ok, type Result } from '../shared/result.ts'
import type { ProbeSpec } from './types.ts'

type Ca = (ProbeSpec & { readonly kind: 'http' })['ca']

/** What vouches for a server's certificate. The error names the file and what is wrong with it. */
export async function loadTrust(ca: Ca): Promise<Result<SecureContext, string>> {
  switch (ca.kind) {
    case 'none':
      return ok(createSecureContext({ ca: [] }))
    case 'system':
      return ok(systemTrust())
    case 'file':
      return loadFile(ca.path)
  }
}

/** Loads TLS, and the system's CAs, if a probe will need them: later it would hold up the engine's loop. */
export function preloadTrust(probes: readonly ProbeSpec[]): void {
  const trusts = probes.flatMap((spec) => (spec.kind === 'http' && isHttps(spec.url) ? [spec.ca.kind] : []))
  if (trusts.includes('system')) systemTrust()
  else if (trusts.length > 0) createSecureContext({ ca: [] })
}

const isHttps = (url: string): boolean => new URL(url).protocol === 'https:'

let cached: SecureContext | undefined

/** The system's CAs, as `update-ca-certificates` keeps them; read once, since parsing them takes tens of milliseconds. */
function systemTrust(): SecureContext {
  cached ??= createSecureContext({ ca: getCACertificates('system') })
  return cached
}

/** All CAs of a system are a few hundred KiB. */
const MOST_BYTES = 8_388_608

async function loadFile(path: string): Promise<Result<SecureContext, string>> {
  const read = await readRegular(path, MOST_BYTES)
  if (!read.ok) return err(`CA file ${path} ${read.error.message}`)
  try {
    const ca = Buffer.from(read.value.content)
    return ca.includes('-----BEGIN ') ? ok(createSecureContext({ ca })) : err(`${path} holds no PEM certificate`)
  } catch (error) {
    return err(`CA file ${path}: ${messageOf(error)}`)
  }
}
