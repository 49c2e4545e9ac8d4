import type { Machine } from './facts.ts'
import type { Dmi } from './interpret-platform.ts'

/** What shows whether this box is a machine of its own. */
export type MachineSigns = {
  readonly dmi: Dmi
  /** /proc/cpuinfo */
  readonly cpuinfo: string
  /** /proc/device-tree/model, on boards without DMI. */
  readonly boardModel: string
  /** /proc/device-tree/hypervisor is there, or /sys/hypervisor/type is not empty. */
  readonly hasHypervisorNode: boolean
}

const VIRTUAL =
  /qemu|kvm|bochs|vmware|virtualbox|innotek|xen|parallels|bhyve|virtual machine|openstack|amazon ec2|google|digitalocean|hetzner|alibaba|tencent|oraclecloud|linode|vultr|scaleway|nutanix|apple virtualization/i

/**
 * Hardware, a hypervisor's guest, or neither can be told. PURE. A guest may stand still for a second while its host is busy
 * or moves it; a machine of its own does not.
 */
export function interpretMachine({ dmi, cpuinfo, boardModel, hasHypervisorNode }: MachineSigns): Machine {
  const fields = ['sys_vendor', 'product_name', 'board_vendor', 'bios_vendor'].map((name) => dmi[name]?.trim() ?? '')
  const shown = fields.slice(0, 2).join(' ').trim()
  const isGuest = hasHypervisorNode || /^flags\s*:.*\bhypervisor\b/m.test(cpuinfo) || VIRTUAL.test(fields.join(' '))
  if (isGuest) return { kind: 'guest', name: shown === '' ? 'a hypervisor' : shown }
  const board = boardModel.replaceAll('\0', '').trim()
  const name = shown === '' ? board : shown
  return name === '' ? { kind: 'unknown' } : { kind: 'hardware', name }
}
