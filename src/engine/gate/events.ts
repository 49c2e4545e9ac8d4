import { printable } from '../../shared/log.ts'
import { err, ok, type Result } from '../../shared/result.ts'
import { openNetlink } from '../io/netlink.ts'
import type { NetlinkFailure } from '../io/netlink-exchange.ts'
import { decodeAttributes, getText, type NetlinkMessage } from '../io/netlink-message.ts'
import {
  GENERIC_HEADER,
  NETLINK_NETFILTER,
  NFNLGRP_NFTABLES,
  NFT_MSG,
  NFTA_GEN_PROC_NAME,
  NFTA_TABLE_NAME,
} from './nftables.ts'
import { title } from './read-back.ts'
import { CLOSED_TABLE, isHandOnTable, OPEN_TABLE } from './tables.ts'

export type GateWatch = { readonly close: () => void }

export type GateWatchOptions = {
  /** Our own changes come from this netlink port. */
  readonly port: number
  /** Somebody else changed one of our tables: who, which. */
  readonly onForeign: (what: string) => void
  /** Events were lost: the tables must be read again. */
  readonly onLost: () => void
}

/** Listens to every change of nf_tables in this namespace, on a socket of its own. */
export function watchTables(options: GateWatchOptions): Result<GateWatch, NetlinkFailure> {
  const collect = createCollector(options)
  const opened = openNetlink({
    protocol: NETLINK_NETFILTER,
    groups: [NFNLGRP_NFTABLES],
    onEvent: collect,
    onLost: options.onLost,
  })
  return opened.ok ? ok({ close: opened.value.close }) : err(opened.error)
}

/** A transaction is a row of events that ends with the new generation, which names the program. One report for each. */
export function createCollector({
  port,
  onForeign,
}: Pick<GateWatchOptions, 'port' | 'onForeign'>): (message: NetlinkMessage) => void {
  const touched = new Map<string, string>()
  return (message) => {
    if (message.port === port) return
    const attributes = decodeAttributes(message.payload.subarray(GENERIC_HEADER))
    if (message.type === NFT_MSG.newGeneration) {
      if (touched.size === 0) return
      const program = attributes?.get(NFTA_GEN_PROC_NAME)
      const who = program === undefined ? 'another program' : `the program "${printable(getText(program), 16)}"`
      const what = [...touched.values()].join(', ')
      touched.clear()
      onForeign(`${who} ${what}`)
      return
    }
    const table = attributes?.get(NFTA_TABLE_NAME)
    if (table === undefined || !isOurName(getText(table))) return
    const where = title({ family: message.payload[0] ?? 0, name: getText(table) })
    const deleted = message.type === NFT_MSG.deleteTable
    if (deleted || !touched.has(where)) touched.set(where, `${deleted ? 'deleted' : 'changed'} ${where}`)
  }
}

const isOurName = (name: string): boolean => name === CLOSED_TABLE || name === OPEN_TABLE || isHandOnTable(name)
