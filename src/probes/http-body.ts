import { createContext, Script } from 'node:vm'
import { codeOf } from './attempt.ts'
import type { ProbeSpec } from './types.ts'

type BodyCheck = NonNullable<(ProbeSpec & { readonly kind: 'http' })['body']>

/** What is wrong with the body, as the rest of a sentence; undefined when it is as expected. */
export function judgeBody(check: BodyCheck, body: string): string | undefined {
  if (check.kind === 'text')
    return body.includes(check.text) ? undefined : `the body lacks "${check.text}"${seen(body)}`
  switch (search(check.regex, body)) {
    case 'found':
      return undefined
    case 'absent':
      return `the body does not match ${String(check.regex)}${seen(body)}`
    case 'endless':
      return `matching ${String(check.regex)} takes longer than ${SEARCH_LIMIT_MS}ms`
  }
}

/**
 * A regular expression can take years on the wrong text, and this thread also sends the adverts: the search runs in a
 * context of its own, which the engine of JavaScript can interrupt.
 */
const SEARCH_LIMIT_MS = 20

function search(regex: RegExp, body: string): 'found' | 'absent' | 'endless' {
  const script = new Script('body.search(regex) >= 0')
  try {
    const context = createContext({ regex, body })
    return script.runInContext(context, { timeout: SEARCH_LIMIT_MS }) === true ? 'found' : 'absent'
  } catch (error) {
    if (codeOf(error) === 'ERR_SCRIPT_EXECUTION_TIMEOUT') return 'endless'
    throw error
  }
}

const seen = (body: string): string => {
  const start = body.trim().slice(0, 60)
  return start === '' ? ' (it is empty)' : `: "${start}"`
}
