import assert from 'node:assert/strict'
import { test } from 'node:test'
import { interpretPlatform } from '../../../src/cli/detect/interpret-platform.ts'

/** As /sys/class/dmi/id has it on such boxes. */
const BOXES: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'Amazon EC2': { sys_vendor: 'Amazon EC2\n', product_name: 't3.small\n', bios_vendor: 'Amazon EC2\n' },
  'Google Compute Engine': { sys_vendor: 'Google\n', product_name: 'Google Compute Engine\n' },
  'Microsoft Azure': {
    sys_vendor: 'Microsoft Corporation\n',
    product_name: 'Virtual Machine\n',
    chassis_asset_tag: '7783-7084-3265-9085-8269-3286-77\n',
  },
  'Hyper-V': { sys_vendor: 'Microsoft Corporation\n', product_name: 'Virtual Machine\n' },
  DigitalOcean: { sys_vendor: 'DigitalOcean\n', product_name: 'Droplet\n' },
  'Hetzner Cloud': { sys_vendor: 'Hetzner\n', product_name: 'vServer\n' },
  OpenStack: { sys_vendor: 'OpenStack Foundation\n', product_name: 'OpenStack Nova\n' },
  VMware: { sys_vendor: 'VMware, Inc.\n', product_name: 'VMware Virtual Platform\n' },
  VirtualBox: { sys_vendor: 'innotek GmbH\n', product_name: 'VirtualBox\n' },
}

for (const [name, dmi] of Object.entries(BOXES)) {
  test(name, () => {
    const platform = interpretPlatform(dmi)
    assert.equal(platform?.name, name)
    assert.notEqual(platform?.breaks, '')
    assert.notEqual(platform?.remedy, '')
  })
}

test('a box of iron, plain KVM, and one without DMI', () => {
  assert.equal(interpretPlatform({ sys_vendor: 'Dell Inc.', product_name: 'PowerEdge R640' }), undefined)
  assert.equal(interpretPlatform({ sys_vendor: 'QEMU', product_name: 'Standard PC (Q35 + ICH9, 2009)' }), undefined)
  assert.equal(interpretPlatform({ sys_vendor: 'Microsoft Corporation', product_name: 'Surface Laptop' }), undefined)
  assert.equal(interpretPlatform({}), undefined)
})
