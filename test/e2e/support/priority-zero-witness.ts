import * as z from 'zod'
import { inNamespace, runOrThrow } from '../../../src/lab/run.ts'
import type { Host } from '../../../src/lab/topology.ts'

const TABLE = 'haup_lab_witness'

/**
 * The kernel as the witness of the order: for every priority-0 advert that leaves the box it looks, at that moment,
 * whether the box still has the virtual address, and counts. To look an address up in the kernel's tables nft wants it in
 * the packet, so the packet's destination is changed for the look-up and changed back.
 */
export async function watchPriorityZero(host: Host, address: string): Promise<void> {
  const input = `table ip ${TABLE} {
    counter held {}
    counter released {}
    chain out {
      type filter hook output priority 0;
      ip protocol 112 @th,16,8 0 jump zero
    }
    chain zero {
      ip daddr set ${address}
      fib daddr type local counter name held
      fib daddr type != local counter name released
      ip daddr set 224.0.0.18
    }
  }`
  await runOrThrow(inNamespace(host.namespace, ['nft', '-f', '-']), { input })
}

/** How many priority-0 adverts left while the address was still held, and how many after it was gone. */
export async function readWitness(host: Host): Promise<{ readonly held: number; readonly released: number }> {
  const json = await runOrThrow(inNamespace(host.namespace, ['nft', '-j', 'list', 'counters', 'table', 'ip', TABLE]))
  const { nftables } = outputSchema.parse(JSON.parse(json))
  const packets = (name: string) => nftables.find(({ counter }) => counter?.name === name)?.counter?.packets ?? 0
  return { held: packets('held'), released: packets('released') }
}

const outputSchema = z.object({
  nftables: z.array(z.object({ counter: z.object({ name: z.string(), packets: z.number() }).optional() })),
})
