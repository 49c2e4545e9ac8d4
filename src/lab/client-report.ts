import * as z from 'zod'

/** One line of the client's process: what finished since the line before, and up to when (by start) all is told. */
export type ClientReport = z.infer<typeof reportSchema>

const reportSchema = z.strictObject({
  done: z.array(z.strictObject({ start: z.number(), end: z.number(), servedBy: z.string().optional() })),
  completeTo: z.number(),
})

export const parseReport = (line: string): ClientReport => reportSchema.parse(JSON.parse(line))
