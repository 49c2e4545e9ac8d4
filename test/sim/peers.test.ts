import { test } from 'node:test'
import { type Kind, tellHistory } from './peers/history.ts'

/** `HAUP_PEER_HISTORIES=1000` for more of each kind, `HAUP_PEER_FROM=5001` for other ones. */
const HISTORIES = Number(process.env.HAUP_PEER_HISTORIES ?? 20)
const FROM = Number(process.env.HAUP_PEER_FROM ?? 1)

const KINDS: readonly Kind[] = ['path', 'arbiter', 'majority', 'fencing']

for (const kind of KINDS) {
  test(`${HISTORIES} histories with ${kind}: never two holders, one after calm, no storm`, async () => {
    for (let seed = FROM; seed < FROM + HISTORIES; seed++) await tellHistory(kind, seed)
  })
}
