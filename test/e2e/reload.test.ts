import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { test } from 'node:test'
import type { Box } from '../../src/lab/box.ts'
import { holdersOf } from '../../src/lab/holders.ts'
import { buildLab } from '../../src/lab/lab.ts'
import { configure, instance, VIP } from './support/config.ts'
import { entered } from './support/pair.ts'

const SECOND_VIP = '192.0.2.101'

/** Boxes whose engines run the instance `www` with these addresses. */
const withAddresses = (...addresses: readonly string[]) => ({
  instances: { www: instance({ virtual_addresses: addresses.map((each) => `${each}/24`) }) },
})

const reload = async (box: Box): Promise<string> => {
  const { code, stdout, stderr } = await box.haup('reload', '--run-dir', box.runDir)
  assert.equal(code, 0, stderr)
  return stdout.trim()
}

test('addresses added and removed on a live pair: no request is lost, no box holds what it should not', async () => {
  await using lab = await buildLab({ boxes: ['web1', 'web2'], others: ['client'] })
  const [web1, web2] = [lab.box('web1'), lab.box('web2')]
  await configure(lab, withAddresses(VIP))
  web1.startEngine()
  await web1.engine().log.until(entered('MASTER'))
  web2.startEngine()
  await web2.engine().log.until(entered('BACKUP'))
  const client = lab.startClient(VIP)
  await client.servedBy('web1', 0)

  await configure(lab, withAddresses(VIP, SECOND_VIP))
  assert.equal(await reload(web1), `www: addresses +${SECOND_VIP}/24`)
  assert.deepEqual(await holdersOf(lab.boxes, SECOND_VIP), ['web1'])
  // Between the two reloads the lists differ: no reason to fight.
  assert.equal(await reload(web2), `www: addresses +${SECOND_VIP}/24`)
  const second = lab.startClient(SECOND_VIP)
  await second.servedBy('web1', 0)
  await second.stop()

  await configure(lab, withAddresses(VIP))
  assert.equal(await reload(web2), `www: addresses -${SECOND_VIP}/24`)
  assert.equal(await reload(web1), `www: addresses -${SECOND_VIP}/24`)
  assert.deepEqual(await holdersOf(lab.boxes, SECOND_VIP), [])
  assert.deepEqual(await holdersOf(lab.boxes, VIP), ['web1'])
  assert.equal(await reload(web1), 'nothing changed')

  const view = await client.viewSince(0)
  assert.equal(view.lost, 0)
  assert.equal(web1.engine().log.count(entered('BACKUP')), 1, 'web1 was a backup at its start alone')
  assert.equal(web2.engine().log.count(entered('MASTER')), 0)
})

test('a wrong file changes nothing and says where it is wrong', async () => {
  await using lab = await buildLab({ boxes: ['web1', 'web2'], others: [] })
  const web1 = lab.box('web1')
  await configure(lab, withAddresses(VIP))
  web1.startEngine()
  await web1.engine().log.until(entered('MASTER'))
  await configure(lab, { instances: { www: instance({ vrid: 300 }) } })
  assert.match(await readFile(web1.configFile, 'utf8'), /300/)
  const refused = await web1.haup('reload', '--run-dir', web1.runDir)
  assert.equal(refused.code, 3)
  assert.match(refused.stderr, /vrid/)
  assert.deepEqual(await holdersOf(lab.boxes, VIP), ['web1'])
})
