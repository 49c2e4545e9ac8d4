import { type Reader, readPrefix } from '../../config/read.ts'
import { readInterface, readLabel } from '../../config/read-text.ts'
import type { VirtualAddress } from '../../config/types.ts'
import { err, ok } from '../../shared/result.ts'

/** Virtual addresses as answers, with keepalived's words: `192.0.2.100/24 dev eth0 label eth0:1`. PURE. */

type Words = { readonly address: string; readonly dev: string | undefined; readonly label: string | undefined }

/** Separated by blanks or commas. */
export const splitVips = (text: string): Words[] =>
  [...text.matchAll(ITEM)].map(([, address = '', words = '']) => ({
    address,
    dev: /\bdev\s+([^\s,]+)/.exec(words)?.[1],
    label: /\blabel\s+([^\s,]+)/.exec(words)?.[1],
  }))

const ITEM = /([^\s,]+)((?:\s+(?:dev|label)\s+[^\s,]+)*)/g

export const readVips: Reader<readonly VirtualAddress[]> = (value) => {
  const items = splitVips(String(value))
  if (items.length === 0) return err({ message: 'must not be empty', remedy: undefined })
  const vips: VirtualAddress[] = []
  for (const item of items) {
    const vip = readVip(item)
    if (!vip.ok) return vip
    vips.push(vip.value)
  }
  return ok(vips)
}

/** A label begins with the interface's name, so that it tells the interface too. */
function readVip({ address, dev, label }: Words): ReturnType<Reader<VirtualAddress>> {
  const prefix = readPrefix(address)
  if (!prefix.ok) return prefix
  const named = label === undefined ? ok(undefined) : readLabel(label)
  if (!named.ok) return named
  const name = dev ?? label?.split(':')[0]
  const where = name === undefined ? ok(undefined) : readInterface(name)
  if (!where.ok) return where
  if (label !== undefined && !(label.startsWith(`${name}:`) && label.length > `${name}:`.length)) {
    return err({
      message: `has the label "${label}", which does not begin with "${name}:"`,
      remedy: `such as ${name}:1`,
    })
  }
  return ok({ address: prefix.value, interface: where.value, label: named.value })
}
