import assert from 'node:assert/strict'
import { test } from 'node:test'
import { problemsOf, VALID } from './fixture.ts'

const CASES: readonly (readonly [what: string, text: string, line: number, column: number, message: RegExp])[] = [
  ['a key twice', 'cluster: a\ncluster: b\n', 2, 1, /unique/],
  ['a bracket left open', 'cluster: [a\nnodes: {}\n', 2, 1, /Flow sequence/],
  ['an alias', 'cluster: &c a\nnodes: *c\n', 2, 8, /aliases/],
  ['a billion laughs', `a: &a [x, x]\nb: &b [${'*a, '.repeat(50)}*a]\n`, 2, 8, /aliases/],
  ['a key that is a mapping', '? {a: b}\n: c\n', 1, 3, /cannot be a key/],
  ['__proto__', 'cluster: a\n__proto__: {}\n', 2, 1, /cannot be a key/],
  ['a tag', 'cluster: !!js/function "x"\n', 1, 10, /tag/i],
  ['two documents', 'cluster: a\n---\ncluster: b\n', 2, 1, /multiple documents/],
  ['a tab', 'nodes:\n\tweb1: {}\n', 2, 1, /tab/i],
  ['nothing', '', 1, 1, /must be a mapping/],
  ['a list', '- a\n', 1, 1, /must be a mapping/],
  ['a text', 'hello', 1, 1, /must be a mapping/],
  ['deep brackets', '['.repeat(100_000), 1, 1, /nested too deeply/],
]

for (const [what, text, line, column, message] of CASES) {
  test(what, () => {
    const problem = problemsOf(text).find((candidate) => message.test(candidate.message))
    assert.ok(problem, JSON.stringify(problemsOf(text), undefined, 1))
    assert.equal(problem.place.line, line)
    // Where the stack ends is not ours to say.
    if (what !== 'deep brackets') assert.equal(problem.place.column, column)
    assert.equal(problem.severity, 'error')
  })
}

const UNKNOWN: readonly (readonly [from: string, to: string, path: string, remedy: RegExp])[] = [
  ['cluster:', 'clutser:', 'clutser', /mean "cluster"/],
  ['    address: 192.0.2.12', '    adress: 192.0.2.12', 'nodes.web2.adress', /mean "address"/],
  ['advert_interval', 'advertInterval', 'instances.www.advertInterval', /mean "advert_interval"/],
  [
    'virtual_addresses',
    'virtual_ipaddress',
    'instances.www.virtual_ipaddress',
    /keys that exist here|virtual_addresses/,
  ],
  ['        label:', '        lable:', 'instances.www.virtual_addresses[1].lable', /mean "label"/],
  ['        on_failure:', '        on_fail:', 'instances.www.track[0].on_fail', /on_failure/],
  ['lower_priority', 'lower_prio', 'instances.www.track[0].on_failure.lower_prio', /lower_priority/],
  ['send:', 'sent:', 'instances.www.checksum.sent', /mean "send"/],
  ['  restart_budget', '  budget', 'services.web.budget', /keys that exist here: probes, interval/],
  ['          url:', '          uri:', 'services.web.probes[1].http.uri', /mean "url"/],
  ['      - tcp:', '      - tpc:', 'services.web.probes[0].tpc', /mean "tcp"/],
  ['      unit:', '      units:', 'services.web.restart.units', /mean "unit"/],
]

for (const [from, to, path, remedy] of UNKNOWN) {
  test(`unknown key ${to.trim()}`, () => {
    const text = VALID.replace(from, to)
    const problem = problemsOf(text).find((candidate) => candidate.path === path)
    assert.ok(problem, JSON.stringify(problemsOf(text), undefined, 1))
    assert.match(problem.message, /unknown key/)
    assert.match(problem.remedy ?? '', remedy)
    const key = path.split('.').at(-1) ?? ''
    const line = text.split('\n').findIndex((content) => content.includes(`${key}:`))
    assert.deepEqual(problem.place, {
      file: 'haup.yaml',
      line: line + 1,
      column: (text.split('\n')[line] ?? '').indexOf(key) + 1,
    })
  })
}

test('a key that is missing is told at the key that lacks it', () => {
  const problem = problemsOf(VALID.replace('    address: 192.0.2.12\n', ''))[0]
  assert.equal(problem?.path, 'nodes.web2.address')
  assert.equal(problem?.message, 'is missing')
  assert.deepEqual(problem?.place, { file: 'haup.yaml', line: 6, column: 3 })
})

test('what is quoted from the file cannot reach a terminal as it is', () => {
  const problems = problemsOf(VALID.replace('config_test: [nginx, -t]', 'config_test: "\\0\\e[2J"'))
  const [problem] = problems
  assert.equal(problem?.path, 'services.web.config_test')
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not be there
  assert.doesNotMatch(`${problem?.message} ${problem?.remedy}`, /[\u0000-\u001f]/)
  assert.match(problem?.remedy ?? '', /write/)
})
