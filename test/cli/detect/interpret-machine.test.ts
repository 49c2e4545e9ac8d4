import assert from 'node:assert/strict'
import { test } from 'node:test'
import { interpretMachine, type MachineSigns } from '../../../src/cli/detect/interpret-machine.ts'

const machine = (signs: Partial<MachineSigns>) =>
  interpretMachine({ dmi: {}, cpuinfo: '', boardModel: '', hasHypervisorNode: false, ...signs })

const DELL = { sys_vendor: 'Dell Inc.\n', product_name: 'PowerEdge R640\n', bios_vendor: 'Dell Inc.\n' }

test('hardware: by DMI, or by the model of its board', () => {
  assert.deepEqual(machine({ dmi: DELL, cpuinfo: 'flags\t\t: fpu vme de\n' }), {
    kind: 'hardware',
    name: 'Dell Inc. PowerEdge R640',
  })
  assert.deepEqual(machine({ boardModel: 'Raspberry Pi 5 Model B Rev 1.0\0' }), {
    kind: 'hardware',
    name: 'Raspberry Pi 5 Model B Rev 1.0',
  })
})

const GUESTS: Readonly<Record<string, Partial<MachineSigns>>> = {
  'plain KVM': { dmi: { sys_vendor: 'QEMU', product_name: 'Standard PC (Q35 + ICH9, 2009)' } },
  'a KVM that looks like hardware': { dmi: DELL, cpuinfo: 'flags\t\t: fpu vme hypervisor lahf_lm\n' },
  VMware: { dmi: { sys_vendor: 'VMware, Inc.', product_name: 'VMware7,1' } },
  'Hyper-V': { dmi: { sys_vendor: 'Microsoft Corporation', product_name: 'Virtual Machine' } },
  Xen: { hasHypervisorNode: true },
  'an ARM guest': { boardModel: 'linux,dummy-virt', hasHypervisorNode: true },
}

for (const [name, signs] of Object.entries(GUESTS)) {
  test(`a guest: ${name}`, () => assert.equal(machine(signs).kind, 'guest'))
}

test('the hypervisor is named where it is known', () => {
  assert.deepEqual(machine({ dmi: { sys_vendor: 'QEMU', product_name: 'Standard PC' } }), {
    kind: 'guest',
    name: 'QEMU Standard PC',
  })
  assert.deepEqual(machine({ hasHypervisorNode: true }), { kind: 'guest', name: 'a hypervisor' })
})

test('nothing shows what it is; a word in cpuinfo is no flag', () => {
  assert.deepEqual(machine({}), { kind: 'unknown' })
  assert.deepEqual(machine({ cpuinfo: 'bugs\t\t: hypervisor\n' }), { kind: 'unknown' })
})
