/** What test files use of `node:test`, collected in order to be run later. */

type Body = (context: { readonly name: string; readonly diagnostic: (text: string) => void }) => unknown

export type RegisteredTest = { readonly name: string; readonly body: Body }

export type RegisterTests = {
  readonly test: (name: string, body: Body) => void
  readonly describe: (name: string, body: () => void) => void
}

export function createRegister(): { readonly register: RegisterTests; readonly take: () => readonly RegisteredTest[] } {
  const tests: RegisteredTest[] = []
  const around: string[] = []
  const register: RegisterTests = {
    test: (name, body) => void tests.push({ name: [...around, name].join(' > '), body }),
    describe: (name, body) => {
      around.push(name)
      body()
      around.pop()
    },
  }
  return { register, take: () => tests.splice(0) }
}
