import { createInterface } from 'node:readline'

/** Runs inside a namespace: one JSON request per line on standard input, replies and events on standard output. */

export type Methods = Readonly<Record<string, (...args: never[]) => unknown>>

type Request = { readonly id: number; readonly method: string; readonly args: never[] }

export const say = (message: object): void => {
  process.stdout.write(`${JSON.stringify(message)}\n`)
}

/** Never returns: the process ends with its standard input. */
export async function serveAgent(methods: Methods): Promise<never> {
  for await (const line of createInterface({ input: process.stdin })) {
    const request: Request = JSON.parse(line)
    void answer(methods, request)
  }
  process.exit(0)
}

async function answer(methods: Methods, { id, method, args }: Request): Promise<void> {
  try {
    const called = methods[method]
    if (called === undefined) throw new Error(`no method ${method}`)
    say({ id, value: await called(...args) })
  } catch (thrown) {
    say({ id, error: thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown) })
  }
}
