import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createCollector } from '../../../src/engine/gate/events.ts'
import { NFT_MSG, NFTA_GEN_PROC_NAME, NFTA_TABLE_NAME, name, request } from '../../../src/engine/gate/nftables.ts'
import type { NetlinkMessage } from '../../../src/engine/io/netlink-message.ts'

const OURS = 77
const INET = 1

const event = (type: number, table: string, port = 1, family = INET): NetlinkMessage => ({
  ...request(type, family, [name(NFTA_TABLE_NAME, table)]),
  seq: 0,
  port,
})

const generation = (program: string, port = 1): NetlinkMessage => ({
  ...request(NFT_MSG.newGeneration, 0, [name(NFTA_GEN_PROC_NAME, program)]),
  seq: 0,
  port,
})

function collect(messages: readonly NetlinkMessage[]): readonly string[] {
  const reports: string[] = []
  const take = createCollector({ port: OURS, onForeign: (what) => reports.push(what) })
  for (const message of messages) take(message)
  return reports
}

test('one report for each transaction, with who and what', () => {
  const reports = collect([
    event(NFT_MSG.newRule, 'haup'),
    event(NFT_MSG.newRule, 'haup'),
    event(NFT_MSG.deleteTable, 'haup', 1, 3),
    generation('nft'),
    event(NFT_MSG.newRule, 'haup'),
    event(NFT_MSG.deleteTable, 'haup'),
    generation('fire\nwalld'),
  ])
  assert.deepEqual(reports, [
    'the program "nft" changed table inet haup, deleted table arp haup',
    'the program "fire walld" deleted table inet haup',
  ])
})

test('our own changes and those of other tables are nobody’s business', () => {
  assert.deepEqual(
    collect([
      event(NFT_MSG.deleteTable, 'haup', OURS),
      generation('node', OURS),
      event(NFT_MSG.deleteTable, 'filter'),
      generation('nft'),
    ]),
    [],
  )
})

test('our own transaction in between does not end another’s', () => {
  const messages = [event(NFT_MSG.newRule, 'haup'), generation('node', OURS), generation('nft')]
  assert.deepEqual(collect(messages), ['the program "nft" changed table inet haup'])
})

test('a message of any other shape is left alone', () => {
  assert.deepEqual(collect([{ type: 3, flags: 0, seq: 0, port: 1, payload: new Uint8Array(3) }]), [])
})
