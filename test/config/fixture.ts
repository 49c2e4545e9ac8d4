import assert from 'node:assert/strict'
import { finishConfig, interpretConfig } from '../../src/config/interpret.ts'
import type { ClusterConfig, ConfigProblem } from '../../src/config/types.ts'

/** A valid file with every key on a line of its own, so that a test can replace one line and know the place. */
export const VALID = `cluster: shop
nodes:
  web1:
    address: 192.0.2.11
    interface: eth0
  web2:
    address: 192.0.2.12
    interface: eth0
instances:
  www:
    vrid: 77
    version: 3
    interface: eth0
    priority:
      web1: 150
      web2: 100
    preempt: true
    preempt_delay: 0s
    advert_interval: 1s
    checksum:
      send: pseudo
      accept: both
    virtual_addresses:
      - 192.0.2.100/24
      - address: 192.0.2.101/32
        interface: eth1
        label: "eth1:1"
    track:
      - service: web
        on_failure:
          lower_priority: 60
    when_all_down: hold
    announce_refresh: 60s
    gate: on
    notify:
      master: [/usr/local/bin/on-master]
      backup: [/usr/local/bin/on-backup, 1]
      fault: [logger, fault]
      stop: [logger, stop]
      redundancy_lost: [logger, alone]
      redundancy_back: [logger, paired]
      any: [/usr/local/bin/notify]
      timeout: 5s
      user: nobody
services:
  web:
    probes:
      - tcp:
          port: 80
          host: 127.0.0.1
      - http:
          url: "https://127.0.0.1/"
          status: [200-399]
          method: GET
          host: example.org
          headers: {}
          body: ok
          sni: example.org
          ca: none
      - process:
          pid_file: /run/nginx.pid
      - command:
          argv: [/usr/local/bin/check, arg]
          user: nobody
    interval: 1s
    timeout: 1s
    rise: 2
    fall: 2
    config_test: [nginx, -t]
    restart:
      unit: nginx.service
    restart_budget: 2 within 60s
    settle: 3s
    hung_after: 250ms
    patience: 500ms
`

/** The only line of `VALID` that begins with `key` (and of `lines` before it, in order). */
export function lineOf(text: string, ...keys: readonly string[]): number {
  let line = -1
  for (const key of keys) {
    const lines = text.split('\n')
    line = lines.findIndex((content, index) => index > line && content.replace(/^[\s-]+/, '').startsWith(key))
    assert.notEqual(line, -1, `no line ${key} in the file`)
  }
  return line + 1
}

/** `VALID` with one line replaced: `keys` leads to it, `content` comes instead of what follows its indentation. */
export function withLine(keys: readonly string[], content: string): string {
  const lines = VALID.split('\n')
  const at = lineOf(VALID, ...keys) - 1
  const indent = /^[\s-]*/.exec(lines[at] ?? '')?.[0] ?? ''
  lines[at] = `${indent}${content}`
  return lines.join('\n')
}

/** All problems of a text, errors and warnings; a text without errors gives its warnings. */
export function problemsOf(text: string): readonly ConfigProblem[] {
  const draft = interpretConfig(text, 'haup.yaml')
  if (!draft.ok) return draft.error
  const finished = finishConfig(draft.value, new Map())
  return finished.ok ? finished.value.warnings : finished.error
}

export function configOf(text: string): ClusterConfig {
  const draft = interpretConfig(text, 'haup.yaml')
  assert.ok(draft.ok, draft.ok ? '' : JSON.stringify(draft.error))
  return draft.value.config
}

/** The one problem of a text; fails when there are none or several. */
export function onlyProblem(text: string): ConfigProblem {
  const problems = problemsOf(text)
  assert.equal(problems.length, 1, JSON.stringify(problems, undefined, 1))
  const [problem] = problems
  assert.ok(problem)
  return problem
}
