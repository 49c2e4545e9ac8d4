/** The language of nginx.conf, as `nginx -T` prints it: words, blocks, includes. PURE. */

export type Directive = {
  readonly name: string
  readonly args: readonly string[]
  /** Undefined: it ends with `;`. */
  readonly block: readonly Directive[] | undefined
}

export type ConfigDump = {
  /** The file that nginx was started with. */
  readonly mainFile: string
  /** By path, as they stand in the files. */
  readonly files: ReadonlyMap<string, readonly Directive[]>
}

const HEADER = /^# configuration file (.+):$/

/** What `nginx -T` writes to stdout; undefined when there is no file in it. */
export function interpretNginxDump(output: string): ConfigDump | undefined {
  const texts = new Map<string, string[]>()
  let lines: string[] | undefined
  for (const line of output.split('\n')) {
    const file = HEADER.exec(line)?.[1]
    if (file === undefined) {
      lines?.push(line)
      continue
    }
    lines = []
    texts.set(file, lines)
  }
  const [mainFile] = texts.keys()
  if (mainFile === undefined) return undefined
  return { mainFile, files: new Map([...texts].map(([file, text]) => [file, parseDirectives(text.join('\n'))])) }
}

/** Never throws: what nginx accepted has even braces, and anything else ends where the text does. */
export function parseDirectives(text: string): readonly Directive[] {
  const words = tokenize(text)
  let at = 0
  const block = (): Directive[] => {
    const directives: Directive[] = []
    let current: string[] = []
    while (at < words.length) {
      const word = words[at++]
      if (word === undefined || word.kind === 'close') break
      if (word.kind === 'word') {
        current.push(word.text)
        continue
      }
      const [name = '', ...args] = current
      current = []
      const inner = word.kind === 'open' ? block() : undefined
      if (name !== '') directives.push({ name, args, block: inner })
    }
    return directives
  }
  const all: Directive[] = []
  // A closing brace too many ends `block` early.
  while (at < words.length) all.push(...block())
  return all
}

type Word = { readonly kind: 'word'; readonly text: string } | { readonly kind: 'open' | 'close' | 'end' }

/** Quotes and comments begin where a word does; `{` ends a word unless it is that of `${variable}`. */
const TOKEN = /\s+|#[^\n]*|"((?:[^"\\]|\\.)*)"|'((?:[^'\\]|\\.)*)'|([{};])|((?:\\.|\$\{|[^\s{;])+)|./gs

function tokenize(text: string): Word[] {
  return [...text.matchAll(TOKEN)].flatMap(([, double, single, mark, word]): Word[] => {
    const plain = double ?? single ?? word
    if (plain !== undefined) return [{ kind: 'word', text: plain }]
    if (mark === undefined) return []
    return [{ kind: mark === '{' ? 'open' : mark === '}' ? 'close' : 'end' }]
  })
}

/** The whole configuration as one tree: each `include` replaced by what the files it names hold. */
export function expandIncludes({ mainFile, files }: ConfigDump): readonly Directive[] {
  const directory = mainFile.slice(0, mainFile.lastIndexOf('/'))
  const expand = (directives: readonly Directive[], depth: number): Directive[] =>
    directives.flatMap((directive) => {
      if (directive.name === 'include' && depth < DEEPEST) {
        const wanted = globPattern(absolute(directive.args[0] ?? '', directory))
        const found = [...files].filter(([path]) => wanted.test(path)).flatMap(([, content]) => content)
        return [directive, ...expand(found, depth + 1)]
      }
      return [directive.block === undefined ? directive : { ...directive, block: expand(directive.block, depth) }]
    })
  return expand(files.get(mainFile) ?? [], 0)
}

/** A file that includes itself is refused by nginx; this bounds us all the same. */
const DEEPEST = 10

/** nginx takes relative names from the directory of its main file. */
export const absolute = (path: string, directory: string): string =>
  path.startsWith('/') ? path : `${directory}/${path}`

/** glob(7): `*` and `?` within one name. */
export function globPattern(glob: string): RegExp {
  const source = glob
    .replace(/[.+^${}()|\\]/g, '\\$&')
    .replaceAll('*', '[^/]*')
    .replaceAll('?', '[^/]')
  return new RegExp(`^${source}$`)
}
