import assert from 'node:assert/strict'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import type { HostFacts, WebServer } from '../../../src/cli/detect/facts.ts'
import type { BoxFacts } from '../../../src/cli/detect/host.ts'
import { runInit } from '../../../src/cli/services/init.ts'
import type { Answers } from '../../../src/cli/services/init-answers.ts'
import type { Wizard } from '../../../src/cli/services/init-wizard.ts'
import type { InitOptions, InitWorld } from '../../../src/cli/services/init-world.ts'
import { type Ipv4, parseIpv4 } from '../../../src/shared/ip.ts'

/** A box with nginx as init would see it, and a world in which nothing outside a directory happens. */

export function ip(text: string): Ipv4 {
  const parsed = parseIpv4(text)
  assert.ok(parsed.ok)
  return parsed.value
}

export const NGINX: WebServer = {
  kind: 'nginx',
  control: '/usr/sbin/nginx',
  options: [],
  configFile: '/etc/nginx/nginx.conf',
  pidFile: '/run/nginx.pid',
  unit: 'nginx.service',
  isRunning: true,
  listening: [{ address: '0.0.0.0', port: 80 }],
  sites: [],
  includeDirectory: '/etc/nginx/conf.d',
}

export const FACTS: HostFacts = {
  hostname: 'web1',
  addresses: [{ interface: 'eth0', address: ip('192.0.2.11'), length: 24 }],
  withoutMulticast: [],
  servers: [NGINX],
  webServer: NGINX,
  answers: { front: { url: 'http://127.0.0.1/', host: undefined }, health: undefined },
  keepalived: undefined,
  platform: undefined,
  machine: { kind: 'unknown' },
  firewall: undefined,
  heard: undefined,
  system: {
    writesSystem: false,
    hasSystemd: false,
    hasPackagedUnit: false,
    nonlocalBind: false,
    program: '/usr/bin/haup',
  },
}

export const BARE: HostFacts = {
  ...FACTS,
  hostname: 'box',
  addresses: [],
  servers: [],
  webServer: undefined,
  answers: { front: undefined, health: undefined },
}

export const GIVEN: Answers = { 'peer-address': '192.0.2.12', vip: '192.0.2.100/24', vrid: '77' }

export type RunBox = {
  readonly facts?: Partial<HostFacts>
  readonly options?: Partial<InitOptions>
  readonly world?: Partial<InitWorld>
}

/** `run` is `haup init --yes` with flags, in a directory of its own. */
export function setUpBox(t: TestContext) {
  const directory = mkdtempSync(join(tmpdir(), 'haup-init-'))
  t.after(() => rmSync(directory, { recursive: true }))
  const file = join(directory, 'etc', 'haup.yaml')
  const printed: string[] = []
  const warned: string[] = []
  const options: InitOptions = {
    config: file,
    root: '/',
    manifest: join(directory, 'manifest.json'),
    writesSystem: false,
    flags: {},
    answersFile: undefined,
    webServer: undefined,
    listen: false,
    enable: undefined,
    force: false,
    dryRun: false,
  }
  const worldOf = ({ facts, world }: RunBox = {}): InitWorld => ({
    ...worldWith({ ...FACTS, ...facts }),
    tell: (lines) => printed.push(...lines),
    warn: (lines) => warned.push(...lines),
    ...world,
  })
  const run = (flags: Answers = GIVEN, more: RunBox = {}) =>
    runInit({ ...options, flags, ...more.options }, worldOf(more))
  const names = (): string[] => readdirSync(join(directory, 'etc')).toSorted()
  return { directory, file, printed, warned, options, worldOf, run, files: names }
}

const worldWith = ({ answers, heard, ...box }: HostFacts): InitWorld => ({
  detect: async (): Promise<BoxFacts> => box,
  askServer: async () => answers,
  listen: async () => [...(heard ?? [])],
  askWhoHas: async () => undefined,
  run: async (argv) => assert.fail(`ran ${argv.join(' ')}`),
  wizard: undefined,
  random: () => 0,
  now: () => new Date('2026-01-02T03:04:05.678Z'),
  during: (_what, work) => work,
  tell: () => undefined,
  warn: () => undefined,
  uninterrupted: (work) => work(),
})

/** A person who takes each proposal, answers what has none, and chooses the first of choices, or `choice`. */
export function person(answers: Answers, choice?: string) {
  const asked: string[] = []
  const wizard: Wizard = {
    ask: async ({ key, proposal }) => {
      asked.push(key)
      const answer = answers[key] ?? proposal
      assert.ok(answer !== undefined, key)
      return answer
    },
    confirm: async () => true,
    choose: async (_question, choices) => choices.find((each) => each === choice) ?? choices[0] ?? '',
  }
  return { asked, wizard }
}
