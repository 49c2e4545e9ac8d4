import * as z from 'zod'
import type { Box } from './box.ts'
import { runOrThrow } from './run.ts'

/** The boxes that have the address in their kernel, whatever their engines think. */
export async function holdersOf(boxes: readonly Box[], address: string): Promise<readonly string[]> {
  const held = await Promise.all(boxes.map((box) => addressesIn(box.host.namespace)))
  return boxes.filter((_, index) => held[index]?.includes(address)).map((box) => box.name)
}

async function addressesIn(namespace: string): Promise<readonly string[]> {
  const json: unknown = JSON.parse(await runOrThrow(['ip', '-n', namespace, '-json', '-4', 'addr', 'show']))
  return linksSchema.parse(json).flatMap((link) => (link.addr_info ?? []).map((info) => info.local ?? ''))
}

const linksSchema = z.array(z.object({ addr_info: z.array(z.object({ local: z.string().optional() })).optional() }))
