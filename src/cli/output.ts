import { choosePaint, type Paint } from './paint.ts'

/** Colour for what goes to stdout. */
export const stdoutPaint = (): Paint => choosePaint(process.stdout.isTTY, process.env.NO_COLOR)
