import { engineDeadline, engineTransition, initialEngine } from '../../../src/engine/core/core.ts'
import type { EngineAction, EngineEvent } from '../../../src/engine/core/types.ts'
import type { Order, PeerReport } from '../../../src/engine/peer/types.ts'
import { fromMillis, fromSeconds, type Micros, plus, ZERO } from '../../../src/shared/units.ts'
import { createAcceptance } from './acceptance.ts'
import { configOf } from './cluster-config.ts'
import { type ClusterOptions, createWires, type Link, type Member, newMember } from './cluster-parts.ts'

/**
 * Several nodes' cores on one virtual clock, with everything between them that may fail: adverts, the channel by path, the
 * kernel's answers. A node *accepts* when its gate is open: the promise is that never two do.
 */

type Incoming = Record<string, unknown> & { kind: EngineEvent['kind'] }

type Job = { readonly at: Micros; readonly seq: number; readonly run: () => void }

export type Cluster = ReturnType<typeof createCluster>

type Sent = { readonly sentAt: Micros; readonly order: Order; readonly report: PeerReport }

export function createCluster(options: ClusterOptions = {}) {
  const count = options.nodes ?? 2
  const transition = options.transition ?? engineTransition
  const slow = options.slow ?? (() => fromMillis(1))
  const names = Array.from({ length: count }, (_, index) => `web${index + 1}`)
  const config = configOf(names, { ...options, instances: [options.instance ?? {}] })
  let now: Micros = fromSeconds(1_000)
  let seq = 0
  const jobs: Job[] = []
  const wires = createWires()
  const lines: string[] = []
  const acceptance = createAcceptance()

  const later = (delay: Micros, run: () => void): void => {
    jobs.push({ at: plus(now, delay), seq: seq++, run })
  }
  const members: Member[] = names.map((name) => {
    return newMember(config, name, now)
  })
  const member = (name: string): Member => {
    const found = members.find((each) => each.name === name)
    if (found === undefined) throw new Error(`no node ${name}`)
    return found
  }
  const accepts = (each: Member): boolean => each.bound && each.openUntil > now && each.handingOn === undefined

  const send = (to: Member, event: Incoming): void => {
    if (!to.alive) return
    if (to.frozen) return void to.inbox.push(() => send(to, event))
    const step = transition(to.plan, to.state, { ...event, now } as EngineEvent)
    to.state = step.state
    for (const action of step.actions) perform(to, action)
  }

  /** A frozen engine reads what has arrived when it wakes, before anything else. */
  const deliver = (to: Member, read: () => void): void => {
    if (!to.alive) return
    if (to.frozen) to.inbox.push(read)
    else read()
  }

  /** How many reports all nodes have sent so far. */
  let said = 0
  const hearReport = (of: Member, to: Member, path: string, { sentAt, order, report }: Sent): void => {
    // The channel passes on nothing that is older than what was heard.
    if (sentAt < (to.heardAck.get(of.name) ?? ZERO)) return
    to.heardAck.set(of.name, sentAt)
    const provenAt = of.heardAck.get(to.name)
    // What is not proven is not believed: the first exchange proves both sides.
    if (provenAt === undefined) return
    send(to, { kind: 'peer-heard', node: of.name, path, report, provenAt, order })
  }

  const router = (of: Member, action: Extract<EngineAction, { kind: 'router' }>): void => {
    const { instance: name, action: what } = action
    switch (what.kind) {
      case 'send-advert': {
        const { priority: told } = what
        of.sent += 1
        const id = of.sent
        if (told !== 0) send(of, { kind: 'advert-sent', instance: name, at: now, id })
        for (const to of members) {
          if (to === of || wires.isCut(of.name, to.name, 'advert')) continue
          const { router: config_ } = of.plan.instances[0] ?? fail()
          const { version, vrid, addresses, advertInterval: interval } = config_
          const advert = { version, vrid, priority: told, interval, addresses }
          later(slow(), () => send(to, { kind: 'advert', instance: name, from: config_.source, id, advert }))
        }
        return
      }
      case 'bind':
        later(slow(), () => {
          if (!of.alive || of.state.instances.get(name)?.router.phase.kind !== 'master') return
          of.bound = true
          of.handingOn = undefined
          send(of, { kind: 'bound', instance: name })
          send(of, { kind: 'opened', instance: name })
        })
        return
      case 'unbind':
        of.openUntil = ZERO
        later(slow(), () => {
          if (of.state.instances.get(name)?.router.phase.kind === 'master') return
          of.bound = false
          of.handingOn = undefined
          send(of, { kind: 'let-go', instance: name })
        })
        return
      case 'state-change':
        lines.push(`${of.name} ${what.from} -> ${what.to}`)
        return
      default:
        return
    }
  }

  const perform = (of: Member, action: EngineAction): void => {
    switch (action.kind) {
      case 'router':
        router(of, action)
        return
      case 'say': {
        const sentAt = now
        said += 1
        const order = { life: of.name, counter: said }
        const paths: Link[] = ['lan', ...Array.from({ length: options.paths ?? 0 }, (_, i): Link => `path${i + 1}`)]
        for (const to of action.nodes.map(member)) {
          for (const path of paths) {
            if (wires.isCut(of.name, to.name, path)) continue
            later(slow(), () => deliver(to, () => hearReport(of, to, path, { sentAt, order, report: action.report })))
          }
        }
        return
      }
      case 'gate':
        of.openUntil = action.until ?? ZERO
        if (action.until !== undefined)
          send(of, { kind: 'gate-opened', instance: action.instance, until: action.until })
        return
      case 'admit':
        later(slow(), () => send(of, { kind: 'admitted', instance: action.instance, id: action.id, error: undefined }))
        return
      case 'hand-on':
        later(slow(), () => {
          of.handingOn = action.to
          of.openUntil = ZERO
          send(of, { kind: 'handed-on', instance: action.instance, id: action.id, error: undefined })
        })
        return
      case 'check-reach':
        later(slow(), () => send(of, { kind: 'reach', instance: action.instance, lan: of.reach }))
        return
      case 'service':
        if (action.action.kind === 'probe') {
          const results = [{ probe: 'tcp', ok: of.healthy, detail: of.healthy ? 'open' : 'refused', took: ZERO }]
          later(fromMillis(1), () => send(of, { kind: 'probed', service: action.service, results }))
        }
        return
      case 'log':
        lines.push(`${of.name} ${action.record.code}: ${action.record.message}`)
        return
      default:
        return
    }
  }

  const start = (name: string): void => {
    const of = member(name)
    of.alive = true
    of.state = initialEngine(of.plan, now)
    of.heardAck.clear()
    for (const other of members) other.heardAck.delete(name)
    send(of, { kind: 'start' })
    send(of, { kind: 'socket', interface: 'eth0', error: undefined })
    send(of, { kind: 'link', link: { interface: 'eth0', up: true, detail: 'eth0 is up' } })
  }

  const watch = (): void =>
    acceptance.note(
      now,
      members.filter(accepts).map(({ name }) => name),
    )

  /** Everything up to then; a timer is a job of its own. */
  const run = (span: Micros): void => {
    const end = plus(now, span)
    for (;;) {
      let next: { at: Micros; run: () => void } | undefined
      const job = jobs.toSorted((a, b) => a.at - b.at || a.seq - b.seq)[0]
      if (job !== undefined) {
        const take = (): void => {
          jobs.splice(jobs.indexOf(job), 1)
          job.run()
        }
        next = { at: job.at, run: take }
      }
      for (const of of members) {
        const at = of.alive && !of.frozen ? engineDeadline(of.state) : undefined
        if (at !== undefined && (next === undefined || at < next.at))
          next = { at, run: () => send(of, { kind: 'timer' }) }
        // The kernel closes by time.
        if (of.bound && of.openUntil > now && (next === undefined || of.openUntil < next.at)) {
          next = { at: of.openUntil, run: () => undefined }
        }
      }
      if (next === undefined || next.at > end) break
      if (next.at > now) now = next.at
      next.run()
      watch()
    }
    now = end
    watch()
  }

  return {
    run: (seconds: number) => run(fromSeconds(seconds)),
    start,
    startAll: () => names.forEach(start),
    send: (name: string, event: Incoming) => send(member(name), event),
    member,
    /** Nothing of the node acts any more; the gate closes with the engine, others' connections to it end. */
    kill: (name: string) => {
      const of = member(name)
      of.alive = false
      of.inbox = []
      of.openUntil = ZERO
      for (const other of members)
        if (other !== of) later(slow(), () => send(other, { kind: 'peer-broken', node: name }))
    },
    freeze: (name: string, frozen: boolean) => {
      const of = member(name)
      of.frozen = frozen
      for (const read of frozen ? [] : of.inbox.splice(0)) read()
    },
    cut: wires.cut,
    split: wires.split,
    heal: wires.heal,
    masters: () =>
      members
        .filter((of) => of.alive && of.state.instances.get('www')?.router.phase.kind === 'master')
        .map(({ name }) => name),
    accepting: () => members.filter(accepts).map(({ name }) => name),
    lines,
    now: () => now,
    since: (from: Micros) => acceptance.since(from, now),
  }
}

const fail = (): never => {
  throw new Error('no instance')
}
