import { styleText } from 'node:util'

export type Style = 'good' | 'bad' | 'warn' | 'strong' | 'dim'

/** Gives text a style, or leaves it as it is where there is no colour. */
export type Paint = (style: Style, text: string) => string

export const plain: Paint = (_style, text) => text

const FORMATS = { good: 'green', bad: 'red', warn: 'yellow', strong: 'bold', dim: 'dim' } as const

const coloured: Paint = (style, text) => styleText(FORMATS[style], text, { validateStream: false })

/** Colour only on a terminal, and not where NO_COLOR (no-color.org) is set. */
export const choosePaint = (isTerminal: boolean, noColor: string | undefined): Paint =>
  isTerminal && (noColor === undefined || noColor === '') ? coloured : plain
