import { dirname, resolve } from 'node:path'
import { checkAgainstHost } from '../../config/check-host.ts'
import { toUserError } from '../../config/format.ts'
import { type LoadedDocument, loadDocument } from '../../config/load.ts'
import { findNode } from '../../config/node.ts'
import type { NodeConfig } from '../../config/types.ts'
import { EXIT, type ExitCode, UserError } from '../../shared/errors.ts'
import { readRegular } from '../../shared/regular-file.ts'
import type { HostFacts } from '../detect/facts.ts'
import { ownAddresses } from '../detect/own-addresses.ts'
import type { InitResult } from '../render-init.ts'
import type { Answers } from './init-answers.ts'
import { interfacesOf, isTold } from './init-draft.ts'
import { finish } from './init-finish.ts'
import { describeFacts, describeRemark } from './init-found.ts'
import { remarkOnInterval } from './init-interval.ts'
import { checkServices, joinWishes, remarkAnswers } from './init-join-checks.ts'
import { keyError } from './init-key.ts'
import { createRemarker, type Remark } from './init-remarker.ts'
import { type PlannedFile, planSide } from './init-side.ts'
import { lookAround } from './init-survey.ts'
import type { InitOptions, InitWorld } from './init-world.ts'

export type JoinOptions = InitOptions & { readonly from: string }

/** Takes part with a haup.yaml that was written on another node: checks it against this box, puts it in place, starts haup. */
export async function joinInit(
  options: JoinOptions,
  world: InitWorld,
): Promise<{ result: InitResult; exitCode: ExitCode }> {
  const document = await loadOrThrow(options.from)
  const given = joinGiven(options.flags)
  const facts = await lookAround(options, given, world)
  const node = identify(document, given, facts, options.from)
  world.tell([`this box is ${node.name} (${node.address}) of ${document.config.cluster}`, ...describeFacts(facts)])
  const remarks = await collectRemarks(document, node, facts, world)
  const side = await planSide(facts, joinWishes(document.config, node, facts, given), options.root)
  const own = await ownFiles(document, options)
  const enable = options.enable ?? (facts.system.hasSystemd && options.writesSystem)
  const finished = await finish([...side.files, ...own], side, { ...options, enable }, world)
  const result: InitResult = {
    ...finished,
    file: options.config,
    password_file: own.find(({ role }) => role === 'password')?.path ?? null,
    key_file: own.find(({ role }) => role === 'key')?.path ?? null,
    content: own.at(-1)?.content ?? '',
    warnings: remarks.map(({ code, message, remedy }) => ({ code, message, remedy: remedy ?? null })),
    by_hand: side.firewall.lines,
    next_steps: finished.outcome === 'kept' ? [] : nextSteps(finished.isEnabled, options, facts),
  }
  return { result, exitCode: finished.outcome === 'kept' ? EXIT.negative : EXIT.ok }
}

const nextSteps = (
  isStarted: boolean,
  { config, writesSystem, root }: JoinOptions,
  { system }: HostFacts,
): string[] => {
  if (root !== '/') return []
  if (isStarted) return ['haup status']
  const byUnit = writesSystem && system.hasSystemd
  return [
    byUnit ? 'systemctl enable --now haup' : writesSystem ? 'haup up' : `haup up --config ${config}`,
    'haup status',
  ]
}

async function loadOrThrow(file: string): Promise<LoadedDocument> {
  const loaded = await loadDocument(file)
  if (loaded.ok) return loaded.value
  throw keyError(loaded.error, file) ?? toUserError(loaded.error)
}

/** What may differ from box to box; all else stands in the file. */
const OWN_ANSWERS = ['node', 'pool', 'pool-name', 'systemd-unit', 'nonlocal-bind', 'firewall'] as const

function joinGiven(flags: Answers): Answers {
  const foreign = Object.keys(flags).filter((key) => !OWN_ANSWERS.some((own) => own === key))
  if (foreign.length === 0) return flags
  throw new UserError(`--join takes it from the file: ${foreign.map((key) => `--${key}`).join(', ')}`, {
    code: 'init.useless-answer',
    nextSteps: [`remove ${foreign.map((key) => `--${key}`).join(' and ')}; change the file on every node instead`],
  })
}

function identify({ config }: LoadedDocument, given: Answers, facts: HostFacts, file: string): NodeConfig {
  const addresses = ownAddresses(facts.addresses).map(({ address }) => address)
  const found = findNode(config, { name: given.node, addresses, hostname: facts.hostname })
  if (!found.ok) {
    const nextSteps = ['ip address', `correct "nodes:" in ${file}, on every node`]
    throw new UserError(found.error, { code: 'node.unknown', exitCode: EXIT.environment, nextSteps })
  }
  const { node } = found.value
  if (addresses.includes(node.address)) return node
  throw new UserError(`this box is ${node.name}, but no interface has its address ${node.address}`, {
    code: 'node.no-address',
    exitCode: EXIT.environment,
    nextSteps: ['bring the interface up with this address, or correct it under "nodes:"', 'ip address'],
  })
}

async function collectRemarks(
  { config }: LoadedDocument,
  node: NodeConfig,
  facts: HostFacts,
  world: InitWorld,
): Promise<readonly Remark[]> {
  const tell = (remark: Remark): void => world.warn(describeRemark(remark))
  const others: Remark[] = []
  for (const finding of checkAgainstHost(config, node, interfacesOf(facts))) {
    others.push({
      code: 'config.host',
      message: `${finding.path.join('.')}: ${finding.message}`,
      remedy: finding.remedy,
    })
  }
  others.push(...(await checkServices(config, facts, world)))
  const brisk = config.instances.map(({ version, advertInterval }) =>
    remarkOnInterval(facts.machine, version, advertInterval),
  )
  others.push(...brisk.filter((each) => each !== undefined).slice(0, 1))
  for (const remark of others) tell(remark)
  const told = [...others]
  for (const answers of remarkAnswers(config, node, facts)) {
    const remarker = createRemarker(facts, Number(answers.vrid), world, (remark) => {
      if (isTold(remark, told)) return
      told.push(remark)
      tell(remark)
    })
    for (const key of ['interface', 'vip', 'vrid', 'no-peer'] as const) await remarker.onAnswer(key, answers)
  }
  return told
}

const MOST_BYTES = 1_048_576

/** The file as it is, byte for byte, and the secrets that it names beside itself. */
async function ownFiles(document: LoadedDocument, { from, config }: JoinOptions): Promise<PlannedFile[]> {
  const read = async (path: string): Promise<string> => {
    const found = await readRegular(path, MOST_BYTES)
    if (!found.ok) throw new UserError(`${path} ${found.error.message}`, { code: 'init.file' })
    return Buffer.from(found.value.content).toString('utf8')
  }
  const secrets: PlannedFile[] = []
  for (const name of document.draft.secretFiles) {
    const [source, target] = [resolve(dirname(from), name), resolve(dirname(config), name)]
    const role = name === document.config.peer?.keyFile ? 'key' : 'password'
    if (source !== target) secrets.push({ path: target, content: await read(source), mode: 0o600, role })
  }
  return [...secrets, { path: config, content: await read(from), mode: 0o644, role: 'config' }]
}
