/** Width of everything printed for people. */
export const WIDTH = 80

/** Breaks at spaces; a word longer than the width stands on a line of its own, cut to the width. */
export function wrap(text: string, width: number): string[] {
  const lines: string[] = []
  let line = ''
  for (const word of text.split(' ').flatMap((part) => cut(part, width))) {
    if (line !== '' && line.length + 1 + word.length > width) {
      lines.push(line)
      line = word
    } else {
      line = line === '' ? word : `${line} ${word}`
    }
  }
  return [...lines, line]
}

const cut = (word: string, width: number): string[] =>
  word.length <= width ? [word] : [word.slice(0, width), ...cut(word.slice(width), width)]

/** `  label      text`, the text wrapped below itself. */
export function field(label: string, text: string, indent = 2, labelWidth = 11): string[] {
  const hang = indent + labelWidth
  return wrap(text, WIDTH - hang).map((line, index) =>
    index === 0 ? `${' '.repeat(indent)}${label.padEnd(labelWidth)}${line}` : `${' '.repeat(hang)}${line}`,
  )
}

/** An age for people: `0.4s`, `42s`, `3m 5s`, `2h 5m`, `3d 4h`. */
export function formatAge(seconds: number): string {
  if (seconds < 10) return `${Math.max(0, seconds).toFixed(1)}s`
  const whole = Math.floor(seconds)
  if (whole < 60) return `${whole}s`
  if (whole < 3_600) return `${Math.floor(whole / 60)}m ${whole % 60}s`
  if (whole < 86_400) return `${Math.floor(whole / 3_600)}h ${Math.floor(whole / 60) % 60}m`
  return `${Math.floor(whole / 86_400)}d ${Math.floor(whole / 3_600) % 24}h`
}

/** `2026-03-01T12:00:03.123Z` as `2026-03-01 12:00:03 UTC`; anything else as it is. */
export const formatInstant = (iso: string): string =>
  iso.replace(/^(\d{4}-\d\d-\d\d)T(\d\d:\d\d:\d\d)(?:\.\d+)?Z$/, '$1 $2 UTC')
