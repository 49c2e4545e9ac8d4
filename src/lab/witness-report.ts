import * as z from 'zod'

/** What the witness's process is told. Hardware addresses as `02:00:5e:10:00:01`. */
export type WitnessOrder = z.infer<typeof orderSchema>

/** One look at the LAN: who answered for the address, by name; a station that is no box by its hardware address. */
export type Look = z.infer<typeof lookSchema>

/** One line of the witness's process: the looks that are complete since the line before. */
export type WitnessReport = z.infer<typeof reportSchema>

const orderSchema = z.strictObject({
  /** The virtual address, and the port of its service. */
  address: z.string(),
  port: z.number(),
  /** The witness's own address. */
  own: z.string(),
  boxes: z.record(z.string(), z.string()),
})

const lookSchema = z.strictObject({
  /** When it was asked: milliseconds of CLOCK_MONOTONIC. */
  at: z.number(),
  /** Answered the ARP request. */
  arp: z.array(z.string()),
  /** Took a new connection. */
  accepts: z.array(z.string()),
  /** Whose answers, of either kind, in the order of the capture; the same box in a row once. */
  order: z.array(z.string()),
})

const reportSchema = z.strictObject({
  looks: z.array(lookSchema),
  announcements: z.array(z.strictObject({ at: z.number(), box: z.string() })),
})

export const parseOrder = (text: string): WitnessOrder => orderSchema.parse(JSON.parse(text))
export const parseWitnessReport = (line: string): WitnessReport => reportSchema.parse(JSON.parse(line))
