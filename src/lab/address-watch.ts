import { createInterface } from 'node:readline'
import { execa } from 'execa'
import { monotonicMs } from './monotonic.ts'

/** The kernel added an address to a box, or removed it. */
export type AddressChange = { readonly at: number; readonly has: boolean }

export type AddressWatch = {
  readonly changes: readonly AddressChange[]
  readonly stop: () => Promise<void>
}

/**
 * Follows the kernel's own messages about one address of a namespace. The instants are those of `ip monitor`, brought to
 * CLOCK_MONOTONIC by a comparison of the clocks at each line: right to 1 ms, and independent of how late this process is.
 */
export function watchAddress(namespace: string, address: string): AddressWatch {
  const argv = ['-n', namespace, '-tshort', '-o', 'monitor', 'address']
  const child = execa('ip', argv, {
    reject: false,
    buffer: false,
    stderr: 'ignore',
    stdin: 'ignore',
    env: { TZ: 'UTC' },
  })
  const changes: AddressChange[] = []
  createInterface({ input: child.stdout }).on('line', (line) => {
    const change = readAddressChange(line, address)
    if (change !== undefined) changes.push({ at: change.at - Date.now() + monotonicMs(), has: change.has })
  })
  const stop = async () => {
    child.kill()
    await child
  }
  return { changes, stop }
}

/** PURE. One line of `ip -tshort -o monitor address` in UTC; `at` is milliseconds of the wall clock. */
export function readAddressChange(line: string, address: string): AddressChange | undefined {
  const [, date, fraction, deleted, changed] =
    /^\[(\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2})\.(\d{6})\] (Deleted )?\d+: .*? inet ([0-9.]+)(?:\/| )/.exec(line) ?? []
  if (date === undefined || changed !== address) return undefined
  return { at: Date.parse(`${date}Z`) + Number(fraction) / 1_000, has: deleted === undefined }
}
