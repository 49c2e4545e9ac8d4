export type Style = 'good' | 'bad' | 'warn' | 'strong' | 'dim'

/** Gives text a style, or leaves it as it is where there is no colour. */
export type Paint = (style: Style, text: string) => string

export const plain: Paint = (_style, text) => text

/** ECMA-48 "select graphic rendition": on, off. */
const CODES: Record<Style, readonly [number, number]> = {
  good: [32, 39],
  bad: [31, 39],
  warn: [33, 39],
  strong: [1, 22],
  dim: [2, 22],
}

const coloured: Paint = (style, text) => {
  const [on, off] = CODES[style]
  return `\u001b[${on}m${text}\u001b[${off}m`
}

/** Colour only on a terminal, and not where NO_COLOR (no-color.org) is set. */
export const choosePaint = (isTerminal: boolean, noColor: string | undefined): Paint =>
  isTerminal && (noColor === undefined || noColor === '') ? coloured : plain
