import assert from 'node:assert/strict'
import { test } from 'node:test'
import { describeCause, describeNotice, describeReject } from '../../../src/engine/vrrp/describe.ts'
import type { Cause, HeardMaster, Notice } from '../../../src/engine/vrrp/types.ts'
import { HIGHER_ADDRESS, ip, micro, millis, OURS, seconds, VIP } from './setting.ts'

const from = ip('192.0.2.11')
const last: HeardMaster = { address: from, priority: 150, interval: seconds(1), heardAt: seconds(7) }

const CAUSES: readonly (readonly [Cause, string])[] = [
  [{ kind: 'startup', reason: 'haup started' }, 'started: haup started'],
  [{ kind: 'owner' }, 'this router owns the addresses (priority 255)'],
  [{ kind: 'shutdown', reason: 'eth0 is down' }, 'left the election: eth0 is down'],
  [{ kind: 'resigned', reason: 'nginx failed' }, 'stepped back: nginx failed'],
  [{ kind: 'master-down', waited: micro(3_609_375), last }, 'no advert from 192.0.2.11 (priority 150) for 3.609s'],
  [{ kind: 'master-down', waited: seconds(4), last: undefined }, 'no advert from any master for 4s'],
  [{ kind: 'master-released', last }, '192.0.2.11 (priority 150) released the addresses'],
  [{ kind: 'master-released', last: undefined }, 'the master released the addresses'],
  [{ kind: 'preempted', from: last }, 'preempted 192.0.2.11 (priority 150), whose priority is lower'],
  [{ kind: 'higher-priority', from, priority: 200 }, '192.0.2.11 claims the addresses with the higher priority 200'],
  [
    { kind: 'tie-break', from: HIGHER_ADDRESS, priority: 100 },
    '192.0.2.100 claims the addresses with the same priority 100 and a higher address',
  ],
]
for (const [cause, text] of CAUSES) {
  test(text, () => assert.equal(describeCause(cause), text))
}

const NOTICES: readonly (readonly [Notice, string])[] = [
  [
    { kind: 'interval-differs', from, theirs: millis(250), counted: millis(250), ours: seconds(1) },
    '192.0.2.11 advertises every 250ms, we every 1s',
  ],
  [
    { kind: 'interval-differs', from, theirs: millis(40_950), counted: seconds(5), ours: seconds(1) },
    '192.0.2.11 advertises every 40.95s, we every 1s: it counts as 5s',
  ],
  [
    { kind: 'addresses-differ', from, theirs: [VIP, OURS] },
    '192.0.2.11 advertises other addresses than ours: 192.0.2.200, 192.0.2.10',
  ],
  [{ kind: 'addresses-differ', from, theirs: [] }, '192.0.2.11 advertises other addresses than ours: none'],
  [{ kind: 'own-address-heard', from }, 'an advert came from our own address 192.0.2.11: another box may use it'],
  [{ kind: 'two-owners', from }, '192.0.2.11 also says that it owns the addresses (priority 255)'],
  [{ kind: 'lower-master-heard', from, priority: 50 }, '192.0.2.11 (priority 50) was master too; it has been answered'],
  [{ kind: 'lower-master-heard', from, priority: 0 }, '192.0.2.11 released the addresses while we are master'],
]
for (const [notice, text] of NOTICES) {
  test(text, () => assert.equal(describeNotice(notice), text))
}

test('a reason for refusing packets is told in words', () => {
  assert.equal(describeReject('ttl'), 'the TTL is not 255: the packet came through a router')
})
