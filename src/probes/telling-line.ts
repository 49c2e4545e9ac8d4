import { printable } from '../shared/log.ts'

/**
 * The one line of a command's output that tells most about its failure; pure. nginx marks it with its level, apache
 * spreads it over two lines (where, then what), systemctl says it first and advice after it; else the last word counts.
 * Time and process numbers, with which nginx begins, are left out: the same failure reads the same each time.
 */
export function tellingLine(output: string): string {
  const lines = splitLines(output)
  const apache = lines.findIndex((line) => /\bSyntax error on line \d+ of /.test(line))
  if (apache >= 0) return printable([lines[apache], lines[apache + 1]].filter((line) => line !== undefined).join(' '))
  const marked =
    lines.find((line) => /\[(emerg|alert|crit)\]/.test(line)) ??
    lines.find((line) => /^(Job for .* failed|Failed to )/.test(line)) ??
    lines.findLast((line) => /\b(error|failed|cannot|denied|no such)\b/i.test(line)) ??
    lines.at(-1)
  return printable((marked ?? '').replace(NGINX_PREFIX, '$1 '))
}

/** `2026/03/01 12:00:03 [emerg] 4711#4711: *7 ` */
const NGINX_PREFIX = /^\d{4}\/\d\d\/\d\d \d\d:\d\d:\d\d (\[\w+\]) \d+#\d+: (?:\*\d+ )?/

/** The last line that is not empty; the empty text when there is none. */
export const lastLine = (output: string): string => printable(splitLines(output).at(-1) ?? '')

const splitLines = (output: string): readonly string[] =>
  output
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter((line) => line !== '')
