import assert from 'node:assert/strict'
import { test } from 'node:test'
import { buildLab } from '../../src/lab/lab.ts'
import { configure, instance, VIP } from './support/config.ts'
import { entered, untilHolders } from './support/pair.ts'

const SECOND_VIP = '192.0.2.101'

test('two instances: each box is master of one, either takes over the other, each gets its own back', async () => {
  await using lab = await buildLab({ boxes: ['web1', 'web2'], others: ['client'] })
  const [web1, web2] = [lab.box('web1'), lab.box('web2')]
  const second = { vrid: 78, priority: { web1: 100, web2: 150 }, virtual_addresses: [`${SECOND_VIP}/24`] }
  await configure(lab, { instances: { www: instance(), shop: instance(second) } })
  web1.startEngine()
  web2.startEngine()
  await web1.engine().log.until(entered('MASTER', 'www'))
  await web2.engine().log.until(entered('MASTER', 'shop'))
  await web1.engine().log.until(entered('BACKUP', 'shop'))
  await web2.engine().log.until(entered('BACKUP', 'www'))
  await untilHolders(lab, ['web1'], VIP)
  await untilHolders(lab, ['web2'], SECOND_VIP)

  await web2.engine().stop()
  await web1.engine().log.until(entered('MASTER', 'shop'))
  await untilHolders(lab, ['web1'], VIP)
  await untilHolders(lab, ['web1'], SECOND_VIP)
  const client = lab.startClient(SECOND_VIP)
  await client.servedBy('web1', 0)

  const seen = web1.engine().log.position()
  web2.startEngine()
  await web2.engine().log.until(entered('MASTER', 'shop'))
  await web1.engine().log.until(entered('BACKUP', 'shop'), { after: seen })
  await untilHolders(lab, ['web1'], VIP)
  await untilHolders(lab, ['web2'], SECOND_VIP)
  assert.equal(web1.engine().log.count(entered('BACKUP', 'www')), 1, 'the other instance was not touched')
})
