/** What the witness's capture (`tcpdump -n -e -t`) tells, line by line. PURE. */
export type Captured =
  /** A connection attempt of the witness's own left: what follows, up to the next one, answers that tick. */
  | { readonly kind: 'asked'; readonly port: number }
  /** Somebody says that the address is his; `mac` is where the frame came from. */
  | { readonly kind: 'claims'; readonly mac: string }
  /** Somebody takes the connection that was asked for from this port. */
  | { readonly kind: 'accepts'; readonly mac: string; readonly port: number }
  /** Gratuitous ARP for the address. */
  | { readonly kind: 'announces'; readonly mac: string }

const MAC = '[0-9a-f]{2}(?::[0-9a-f]{2}){5}'
const LINE = new RegExp(`^(${MAC}) > [^ ]+ ethertype (?:ARP|IPv4) [^:]*: (.*)$`)

/** Undefined: a frame that tells nothing about the address. */
export function readCaptured(line: string, address: string): Captured | undefined {
  const [, mac, text] = LINE.exec(line) ?? []
  if (mac === undefined || text === undefined) return undefined
  const isAt = /^Reply (\S+) is-at /.exec(text)?.[1]
  if (isAt !== undefined) return isAt === address ? { kind: 'claims', mac } : undefined
  const [, wanted, asker] =
    /^(?:Announcement|Request who-has) ([0-9.]+)(?: \(\S+\))?(?: tell ([0-9.]+))?/.exec(text) ?? []
  if (wanted !== undefined) return wanted === address && isOwn(wanted, asker) ? { kind: 'announces', mac } : undefined
  return readSegment(mac, text, address)
}

/** tcpdump says "Announcement" of a request whose sender and target are one address; older ones show both. */
const isOwn = (wanted: string, asker: string | undefined): boolean => asker === undefined || asker === wanted

function readSegment(mac: string, text: string, address: string): Captured | undefined {
  const [, from = '', fromPort, to, toPort, flags] =
    /^([0-9.]+)\.(\d+) > ([0-9.]+)\.(\d+): Flags \[([^\]]+)\]/.exec(text) ?? []
  if (to === address && flags === 'S') return { kind: 'asked', port: Number(fromPort) }
  if (from === address && flags === 'S.') return { kind: 'accepts', mac, port: Number(toPort) }
  return undefined
}
