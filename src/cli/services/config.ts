import { hostname } from 'node:os'
import { checkAgainstHost, type HostInterface } from '../../config/check-host.ts'
import { effectiveConfig, effectiveYaml } from '../../config/effective.ts'
import { countProblems, formatProblems, toUserError } from '../../config/format.ts'
import { type LoadedDocument, loadDocument } from '../../config/load.ts'
import { type FoundNode, findNode } from '../../config/node.ts'
import type { ConfigProblem } from '../../config/types.ts'
import { listInterfaces } from '../../engine/io/links.ts'
import { findOrigin } from '../../engine/vip/origin.ts'
import { isOurs } from '../../engine/vip/tag.ts'
import { EXIT, type ExitCode, UserError } from '../../shared/errors.ts'
import type { Ipv4 } from '../../shared/ip.ts'
import type { Result } from '../../shared/result.ts'
import { lookAtFiles } from './look-at-files.ts'

/** `haup config check --json`: public API. */
export type ConfigCheck = {
  readonly file: string
  readonly valid: boolean
  /** Which node this box is; null = none of them, then nothing was compared with the box. */
  readonly node: string | null
  readonly problems: readonly {
    readonly severity: 'error' | 'warning'
    /** From 1; 0 = the file as a whole. */
    readonly line: number
    readonly column: number
    readonly path: string
    readonly message: string
    readonly remedy: string | null
  }[]
}

export type CheckedConfig = {
  readonly check: ConfigCheck
  readonly lines: readonly string[]
  readonly exitCode: ExitCode
}

/** Checks a file; on a box that is one of its nodes, against the box too. */
export async function checkConfigFile(file: string, nodeName: string | undefined): Promise<CheckedConfig> {
  const loaded = await loadDocument(file)
  if (!loaded.ok) return conclude(file, undefined, loaded.error)
  const virtual = loaded.value.config.instances.flatMap(({ virtualAddresses }) => virtualAddresses)
  const interfaces = await describeHost(virtual.map(({ address }) => address.address))
  const found = identify(loaded.value, nodeName, interfaces)
  if (!found.ok && nodeName !== undefined) throw unknownNode(found.error)
  const node = found.ok ? found.value.node : undefined
  const ofHost = node === undefined ? [] : checkAgainstHost(loaded.value.config, node, interfaces)
  // Another machine has neither the programs of a node nor their owners.
  const isHere = interfaces.some(({ addresses }) => addresses.some(({ address }) => address === node?.address))
  const ofFiles = isHere ? await lookAtFiles(loaded.value) : []
  const placed = ofHost.map(loaded.value.draft.source.place)
  return conclude(file, node?.name, [...loaded.value.warnings, ...placed, ...ofFiles])
}

/** The box's interfaces, with what sets those of these addresses that are not haup's. */
async function describeHost(virtual: readonly Ipv4[]): Promise<readonly HostInterface[]> {
  const interfaces = await listInterfaces()
  return Promise.all(
    interfaces.map(async ({ name, addresses }) => ({
      name,
      addresses: await Promise.all(
        addresses.map(async (each) => {
          const ours = isOurs(each, name)
          const origin = ours || !virtual.includes(each.address) ? null : await findOrigin(each.address, name)
          return { address: each.address, length: each.length, ours, origin: origin ?? undefined }
        }),
      ),
    })),
  )
}

function conclude(file: string, node: string | undefined, problems: readonly ConfigProblem[]): CheckedConfig {
  const valid = !problems.some(({ severity }) => severity === 'error')
  const as = node === undefined ? 'this box is none of its nodes' : `this box is ${node}`
  const summary = valid ? `${file}: valid, ${countProblems(problems)}; ${as}` : `${file}: ${countProblems(problems)}`
  return {
    check: {
      file,
      valid,
      node: node ?? null,
      problems: problems.map(({ place, remedy, severity, path, message }) => {
        return { severity, line: place.line, column: place.column, path, message, remedy: remedy ?? null }
      }),
    },
    lines: [...formatProblems(problems), summary],
    exitCode: valid ? EXIT.ok : EXIT.negative,
  }
}

/** `haup config show --json`: public API. `config` has the file's keys, with defaults filled in. */
export type ShownConfig = { readonly file: string; readonly node: string | null; readonly config: object }

export async function showConfigFile(
  file: string,
  nodeName: string | undefined,
): Promise<{ shown: ShownConfig; lines: readonly string[] }> {
  const loaded = await loadDocument(file)
  if (!loaded.ok) throw toUserError(loaded.error)
  const found = identify(loaded.value, nodeName, await listInterfaces())
  if (!found.ok && nodeName !== undefined) throw unknownNode(found.error)
  const { document } = loaded.value.draft
  const as = found.ok ? `as ${found.value.node.name} (known by its ${found.value.how})` : found.error
  return {
    shown: { file, node: found.ok ? found.value.node.name : null, config: effectiveConfig(document) },
    lines: [`# ${file}, with defaults filled in`, `# ${as}`, ...effectiveYaml(document).trimEnd().split('\n')],
  }
}

const unknownNode = (message: string): UserError => new UserError(message, { code: 'node.unknown' })

function identify(
  loaded: LoadedDocument,
  name: string | undefined,
  interfaces: readonly HostInterface[],
): Result<FoundNode, string> {
  const addresses = interfaces.flatMap((each) => each.addresses.map(({ address }) => address))
  return findNode(loaded.config, { name, addresses, hostname: hostname() })
}
