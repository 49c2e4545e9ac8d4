import { concat, getU16, NLA_F_NESTED } from '../io/netlink-message.ts'

/**
 * PURE: whether the kernel's description of an object holds all that was asked for. The kernel adds attributes of its own
 * (handles, counters, defaults), so every attribute of ours must be found, not the other way round.
 */

export type Attribute = { readonly type: number; readonly nested: boolean; readonly data: Uint8Array }

const HEADER = 4
const TYPE_MASK = 0x3fff

/** In their order, so that lists of equal types can be told apart; what cannot be decoded ends the list. */
export function attributeList(bytes: Uint8Array): readonly Attribute[] {
  const list: Attribute[] = []
  for (let offset = 0; bytes.length - offset >= HEADER; ) {
    const length = getU16(bytes, offset)
    if (length < HEADER || length > bytes.length - offset) break
    const type = getU16(bytes, offset + 2)
    list.push({
      type: type & TYPE_MASK,
      nested: (type & NLA_F_NESTED) !== 0,
      data: bytes.subarray(offset + HEADER, offset + length),
    })
    offset += (length + 3) & ~3
  }
  return list
}

/** Of several attributes of one type (the expressions of a rule) the first must match the first, and so on. */
export function covers(found: Uint8Array, wanted: readonly Uint8Array[]): boolean {
  const left = [...attributeList(found)]
  return attributeList(concat(wanted)).every((want) => {
    const at = left.findIndex(({ type }) => type === want.type)
    const [have] = at < 0 ? [] : left.splice(at, 1)
    if (have === undefined) return false
    return want.nested ? covers(have.data, [want.data]) : isSame(have.data, want.data)
  })
}

const isSame = (a: Uint8Array, b: Uint8Array): boolean => a.length === b.length && a.every((byte, at) => byte === b[at])
