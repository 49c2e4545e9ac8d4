import { createCipheriv, createDecipheriv, createHash, hkdfSync } from 'node:crypto'
import { encodeHeader, type FrameKind, HEADER_BYTES, type Header, TAG_BYTES } from '../peer/frame.ts'
import type { SessionId } from '../peer/session.ts'
import type { ClusterKey } from '../ports.ts'

/** The seal of the peer channel: ChaCha20-Poly1305 under a key of each session's own. See docs/peer-channel.md. */

const CIPHER = 'chacha20-poly1305'
const INFO = 'haup peer 1'
const KEY_BYTES = 32
const NONCE_BYTES = 12
/** Keys of the sessions in use: the present one of each side, and some before it. */
const MOST_DERIVED = 8

export type Ends = { readonly cluster: string; readonly self: string; readonly node: string }

export type Seal = {
  /** How frames from the other node, and to us, are marked. */
  readonly from: string
  readonly to: string
  /** Header, sealed text and tag; undefined when there is no key. A counter must never come twice in a session. */
  readonly seal: (kind: FrameKind, session: SessionId, counter: number, text: Uint8Array) => Uint8Array | undefined
  /** Whether we have the key that a frame names. */
  readonly hasKey: (header: Header) => boolean
  /** The text of a frame of the other node to us; undefined when the seal is not genuine. */
  readonly open: (header: Header, frame: Uint8Array) => Uint8Array | undefined
}

export function createSeal({ cluster, self, node }: Ends, keys: readonly ClusterKey[]): Seal {
  const [own, other] = [digestOfNode(cluster, self), digestOfNode(cluster, node)]
  const ring = keys.map((key) => ({ key, id: idOf(key) }))
  const outward = new Map<string, Uint8Array>()
  const opened = new Map<string, Uint8Array>()

  return {
    from: other,
    to: own,
    hasKey: (header) => ring.some(({ id }) => id === header.key),
    seal: (kind, session, counter, text) => {
      const [first] = ring
      if (first === undefined) return undefined
      const header = encodeHeader({ kind, key: first.id, from: own, to: other, session, counter })
      const subkey = outward.get(session) ?? derive(first.key, session, [cluster, self, node])
      keep(outward, session, subkey)
      const cipher = createCipheriv(CIPHER, subkey, nonceOf(header), { authTagLength: TAG_BYTES })
      cipher.setAAD(header, { plaintextLength: text.length })
      return Buffer.concat([header, cipher.update(text), cipher.final(), cipher.getAuthTag()])
    },
    open: (header, frame) => {
      for (const { key } of ring.filter(({ id }) => id === header.key)) {
        const name = `${header.key} ${header.session}`
        const subkey = opened.get(name) ?? derive(key, header.session, [cluster, node, self])
        const text = openWith(subkey, frame)
        // What is forged must not push out the keys that are needed.
        if (text !== undefined) keep(opened, name, subkey)
        if (text !== undefined) return text
      }
      return undefined
    },
  }
}

function openWith(subkey: Uint8Array, frame: Uint8Array): Uint8Array | undefined {
  const header = frame.subarray(0, HEADER_BYTES)
  const end = frame.length - TAG_BYTES
  const decipher = createDecipheriv(CIPHER, subkey, nonceOf(header), { authTagLength: TAG_BYTES })
  decipher.setAAD(header, { plaintextLength: end - HEADER_BYTES })
  decipher.setAuthTag(frame.subarray(end))
  const text = decipher.update(frame.subarray(HEADER_BYTES, end))
  try {
    decipher.final()
    return text
  } catch {
    return undefined
  }
}

/** The counter, which stands last in the header, behind zeros. */
function nonceOf(header: Uint8Array): Uint8Array {
  const nonce = new Uint8Array(NONCE_BYTES)
  nonce.set(header.subarray(HEADER_BYTES - 8, HEADER_BYTES), NONCE_BYTES - 8)
  return nonce
}

/** HKDF (RFC 5869): salt is the session, info names the use, the cluster, the sender and the receiver. */
const derive = (key: ClusterKey, session: SessionId, names: readonly string[]): Uint8Array =>
  new Uint8Array(hkdfSync('sha256', key, Buffer.from(session, 'hex'), [INFO, ...names].join('\0'), KEY_BYTES))

/** As the newest; the oldest goes when there are too many. */
function keep(store: Map<string, Uint8Array>, name: string, key: Uint8Array): void {
  store.delete(name)
  store.set(name, key)
  const [oldest] = store.keys()
  if (store.size > MOST_DERIVED && oldest !== undefined) store.delete(oldest)
}

/** Names a key without telling anything of it. */
const idOf = (key: ClusterKey): string => createHash('sha256').update(key).digest('hex').slice(0, 8)

const digestOfNode = (cluster: string, node: string): string =>
  createHash('sha256').update(`${INFO}\0${cluster}\0${node}`).digest('hex').slice(0, 16)
