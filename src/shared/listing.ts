/** Many names in one sentence. PURE. */

/** Names by what is said of them, in the order of the first of each. */
export function groupByText(
  said: readonly (readonly [name: string, text: string])[],
): readonly (readonly [names: readonly string[], text: string])[] {
  const groups = new Map<string, string[]>()
  for (const [name, text] of said) groups.set(text, [...(groups.get(text) ?? []), name])
  return [...groups].map(([text, names]) => [names, text])
}

const MOST_NAMES = 4

/** `www, api, mail and 12 more` */
export const listed = (names: readonly string[]): string =>
  names.length <= MOST_NAMES
    ? names.join(', ')
    : `${names.slice(0, MOST_NAMES - 1).join(', ')} and ${names.length - MOST_NAMES + 1} more`
