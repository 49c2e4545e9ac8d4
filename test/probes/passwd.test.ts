import assert from 'node:assert/strict'
import { test } from 'node:test'
import { findUser, lookUpUser } from '../../src/probes/passwd.ts'

const PASSWD = `root:x:0:0:root:/root:/bin/bash
www-data:x:33:34:www-data:/var/www:/usr/sbin/nologin
+@nis
broken:x:abc:1::/:
`

test('a user by name, all of it', () => {
  assert.deepEqual(findUser(PASSWD, 'www-data'), { name: 'www-data', uid: 33, gid: 34, home: '/var/www' })
  assert.equal(findUser(PASSWD, 'www'), undefined)
  assert.equal(findUser(PASSWD, ''), undefined)
})

test('a line that is broken is nobody', () => {
  assert.equal(findUser(PASSWD, 'broken'), undefined)
  assert.equal(findUser(PASSWD, '+@nis'), undefined)
})

test('the machine knows root', async () => {
  const root = await lookUpUser('root')
  assert.ok(root.ok)
  assert.equal(root.value.uid, 0)
  const nobody = await lookUpUser('no-such-user')
  assert.deepEqual(nobody, { ok: false, error: 'there is no user no-such-user in /etc/passwd' })
})
