import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { completedCommands, completionScript, type DescribedCommand } from '../../../src/cli/services/completion.ts'
import { ROOT } from '../support/run.ts'

const commands: readonly DescribedCommand[] = [
  {
    id: 'config:check',
    summary: "Check [the file]: it's quick",
    flags: { node: { name: 'node', type: 'option', description: 'a "name" $x' } },
    args: { file: { name: 'file' } },
  },
  {
    id: 'up',
    flags: {
      config: { name: 'config', type: 'option', helpValue: 'FILE', char: 'c' },
      'run-dir': { name: 'run-dir', type: 'option', helpValue: 'DIR' },
      'log-format': { name: 'log-format', type: 'option', options: ['text', 'json', 'journal'] },
      preempt: { name: 'preempt', type: 'boolean', allowNo: true },
      secret: { name: 'secret', type: 'boolean', hidden: true },
    },
    args: {},
  },
  { id: 'completion', flags: {}, args: { shell: { name: 'shell', options: ['bash', 'zsh'] } } },
  { id: 'internal', hidden: true, flags: {}, args: {} },
]
const bash = await completionScript('bash', commands)

/** What bash proposes for a line; the last word is the one that is being typed. */
function propose(...words: readonly string[]): string[] {
  const program = `${bash}
cd ${ROOT}
COMP_WORDS=("$@")
COMP_CWORD=$(($# - 1))
_haup
printf '%s\\n' "\${COMPREPLY[@]}"`
  return execFileSync('bash', ['-c', program, 'bash', ...words], { encoding: 'utf8' })
    .trim()
    .split('\n')
    .sort()
}

test('commands, topics and what follows them', () => {
  assert.deepEqual(propose('haup', ''), ['completion', 'config', 'up'])
  assert.deepEqual(propose('haup', 'co'), ['completion', 'config'])
  assert.deepEqual(propose('haup', 'config', ''), ['check'])
  assert.deepEqual(propose('haup', 'completion', 'z'), ['zsh'])
})

test('flags of the command that was typed, also after others; never hidden ones', () => {
  const flags = ['--config', '--help', '--log-format', '--no-preempt', '--preempt', '--run-dir', '-c']
  assert.deepEqual(propose('haup', 'up', '-'), flags)
  assert.deepEqual(propose('haup', 'up', '--preempt', '--l'), ['--log-format'])
  assert.deepEqual(propose('haup', 'config', 'check', '--n'), ['--node'])
})

test('values: choices, files, directories; nothing where only the user knows', () => {
  assert.deepEqual(propose('haup', 'up', '--log-format', 'j'), ['journal', 'json'])
  assert.deepEqual(propose('haup', 'up', '--log-format', '=', 't'), ['text'])
  assert.deepEqual(propose('haup', 'up', '--log-format', '='), ['journal', 'json', 'text'])
  assert.deepEqual(propose('haup', 'up', '-c', 'package.j'), ['package.json'])
  assert.deepEqual(propose('haup', 'up', '--run-dir', 'packag'), ['packaging'])
  assert.deepEqual(propose('haup', 'config', 'check', 'package.j'), ['package.json'])
  assert.deepEqual(propose('haup', 'config', 'check', '--node', ''), [''])
})

test('words that are no command have no proposals', () => {
  assert.deepEqual(propose('haup', 'nonsense', ''), [''])
  assert.deepEqual(propose('haup', 'internal', '-'), ['--help'])
})

test('descriptions cannot break out of their quotes in zsh', async () => {
  const zsh = await completionScript('zsh', commands)
  assert.match(zsh, /^#compdef haup\n/)
  assert.match(zsh, /'--node=\[a name x\]:value:'/)
  assert.match(zsh, /'-c\+\[\]:file:_files'/)
  assert.match(zsh, /'--log-format=\[\]:value:\(text json journal\)'/)
  assert.ok(!zsh.includes('secret') && !zsh.includes('internal'))
})

test('every command of the command line is completed', () => {
  const manifest = JSON.parse(readFileSync(join(ROOT, 'dist/oclif.manifest.json'), 'utf8'))
  const real: DescribedCommand[] = Object.values(manifest.commands)
  const names = completedCommands(real).map(({ name }) => name)
  for (const { id } of real) assert.ok(names.includes(id.replaceAll(':', ' ')), id)
})
