import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createSeal } from '../../../src/engine/io/peer-seal.ts'
import { decodeHeader, HEADER_BYTES, TAG_BYTES } from '../../../src/engine/peer/frame.ts'

const [KEY, NEW_KEY] = [new Uint8Array(32).fill(7), new Uint8Array(32).fill(9)]
const SESSION = '0123456789abcdef0123456789abcdef'
const TEXT = new TextEncoder().encode('what web1 says to web2')

const from = createSeal({ cluster: 'site', self: 'web1', node: 'web2' }, [KEY])
const to = createSeal({ cluster: 'site', self: 'web2', node: 'web1' }, [KEY])

const sealed = (by = from, counter = 1, text = TEXT): Uint8Array => {
  const frame = by.seal('report', SESSION, counter, text)
  assert.ok(frame)
  return frame
}
const open = (by: typeof to, frame: Uint8Array): Uint8Array | undefined => {
  const header = decodeHeader(frame)
  return header.ok ? by.open(header.value, frame) : undefined
}

test('what one seals the other opens, also when nothing is in it', () => {
  const frame = sealed()
  assert.equal(frame.length, HEADER_BYTES + TEXT.length + TAG_BYTES)
  assert.deepEqual(Buffer.from(open(to, frame) ?? []), Buffer.from(TEXT))
  assert.equal(open(to, sealed(from, 2, new Uint8Array()))?.length, 0)
  assert.ok(!Buffer.from(frame).includes('web1'), 'nothing stands there in clear')
})

test('each bit counts: of the header, of the text and of the tag', () => {
  const frame = sealed()
  for (let bit = 0; bit < frame.length * 8; bit += 1) {
    const copy = Uint8Array.from(frame)
    copy[bit >> 3] = (copy[bit >> 3] ?? 0) ^ (1 << (bit & 7))
    const header = decodeHeader(copy)
    const isAddressed = header.ok && header.value.from === to.from && header.value.to === to.to
    assert.ok(!isAddressed || to.open(header.value, copy) === undefined, `bit ${bit}`)
  }
})

test('a frame of a datagram is none of a stream', () => {
  const copy = Uint8Array.from(sealed())
  copy[5] = 2
  const header = decodeHeader(copy)
  assert.ok(header.ok && header.value.kind === 'hello')
  assert.equal(to.open(header.value, copy), undefined)
})

test('no other node, cluster, direction, key or session opens it', () => {
  const others = [
    from,
    createSeal({ cluster: 'other', self: 'web2', node: 'web1' }, [KEY]),
    createSeal({ cluster: 'site', self: 'web3', node: 'web1' }, [KEY]),
    createSeal({ cluster: 'site', self: 'web2', node: 'web3' }, [KEY]),
    createSeal({ cluster: 'site', self: 'web2', node: 'web1' }, [NEW_KEY]),
    createSeal({ cluster: 'site', self: 'web2', node: 'web1' }, []),
  ]
  for (const other of others) assert.equal(open(other, sealed()), undefined)
})

test('the same text never looks the same: not in another counter, session or direction', () => {
  const texts = [
    sealed(from, 1),
    sealed(from, 2),
    sealed(to, 1),
    from.seal('report', SESSION.replace('0', '1'), 1, TEXT),
  ].map((frame) => Buffer.from(frame?.subarray(HEADER_BYTES) ?? []).toString('hex'))
  assert.equal(new Set(texts).size, texts.length)
})

test('the first key seals, each one opens', () => {
  const both = createSeal({ cluster: 'site', self: 'web2', node: 'web1' }, [NEW_KEY, KEY])
  const next = createSeal({ cluster: 'site', self: 'web1', node: 'web2' }, [NEW_KEY, KEY])
  assert.ok(open(both, sealed()))
  assert.ok(open(both, sealed(next, 2)))
  assert.equal(open(to, sealed(next, 2)), undefined)
  const header = decodeHeader(sealed(next, 2))
  assert.ok(header.ok)
  assert.deepEqual([to.hasKey(header.value), both.hasKey(header.value)], [false, true])
  const none = createSeal({ cluster: 'site', self: 'web1', node: 'web2' }, [])
  assert.equal(none.seal('report', SESSION, 1, TEXT), undefined)
})

test('many sessions are opened in turn, however few keys are kept', () => {
  const frames = Array.from({ length: 50 }, (_, index) =>
    from.seal('report', index.toString(16).padStart(32, '0'), 1, TEXT),
  )
  for (const frame of [...frames, ...frames]) assert.ok(frame && open(to, frame))
})
