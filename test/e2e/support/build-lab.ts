import { buildLab } from '../../../src/lab/lab.ts'

/** A program of its own: builds a lab, tells its id, and does not go away. */
const lab = await buildLab({ boxes: ['web1'], others: [] })
process.stdout.write(`${lab.id}\n`)
setInterval(() => undefined, 60_000)
