import type { Platform } from './facts.ts'

/** Contents of /sys/class/dmi/id: `sys_vendor`, `product_name`, `board_vendor`, `bios_vendor`, `chassis_asset_tag`. */
export type Dmi = Readonly<Record<string, string>>

type Known = Platform & { readonly pattern: RegExp }

const CLOUD = 'drops multicast and foreign addresses, and learns no address from gratuitous ARP'
const VSWITCH = 'the virtual switch may drop frames from an address that it has not given out'

/** First match wins: Azure runs on Hyper-V, Google's and others' boxes on KVM. */
const KNOWN: readonly Known[] = [
  {
    pattern: /amazon ec2|^xen .*amazon/i,
    name: 'Amazon EC2',
    breaks: `its network ${CLOUD}: a moved address would not be reached`,
    remedy: 'use an Elastic IP or a load balancer of Amazon; VRRP alone cannot work there',
  },
  {
    pattern: /google compute engine|^google\b/i,
    name: 'Google Compute Engine',
    breaks: `its network ${CLOUD}: a moved address would not be reached`,
    remedy: 'use an alias address or a load balancer of Google; VRRP alone cannot work there',
  },
  {
    pattern: /7783-7084-3265-9085-8269-3286-77|microsoft azure/i,
    name: 'Microsoft Azure',
    breaks: `its network ${CLOUD}: a moved address would not be reached`,
    remedy: 'use a load balancer of Azure; VRRP alone cannot work there',
  },
  {
    pattern: /digitalocean/i,
    name: 'DigitalOcean',
    breaks: `its network ${CLOUD}: a moved address would not be reached`,
    remedy: 'use a Reserved IP, moved by a notify command (docs/config.md)',
  },
  {
    pattern: /hetzner/i,
    name: 'Hetzner Cloud',
    breaks: `its network ${CLOUD}: a moved address would not be reached`,
    remedy: 'use a Floating IP, moved by a notify command (docs/config.md)',
  },
  {
    pattern: /alibaba cloud|tencent cloud|oraclecloud|linode|vultr|scaleway|ovh/i,
    name: 'a public cloud',
    breaks: `clouds' networks mostly drop multicast and foreign addresses: a moved address may not be reached`,
    remedy: "try it before you rely on it, or use the cloud's own floating address",
  },
  {
    pattern: /openstack/i,
    name: 'OpenStack',
    breaks: 'port security drops frames from addresses that the port does not have',
    remedy: 'add the virtual address to allowed_address_pairs of both ports, and allow IP protocol 112',
  },
  {
    pattern: /microsoft corporation .*virtual machine|hyper-v/i,
    name: 'Hyper-V',
    breaks: VSWITCH,
    remedy: 'turn on "MAC address spoofing" of both virtual network adapters if the address is not reached',
  },
  {
    pattern: /vmware/i,
    name: 'VMware',
    breaks: VSWITCH,
    remedy: 'allow forged transmits and MAC address changes on the port group if the address is not reached',
  },
  {
    pattern: /virtualbox|innotek/i,
    name: 'VirtualBox',
    breaks: 'a NAT network drops multicast, and the boxes do not see each other',
    remedy: 'use a bridged or internal network, with promiscuous mode "Allow VMs"',
  },
]

/** What this box runs on, if its network is known to trouble VRRP. PURE. */
export function interpretPlatform(dmi: Dmi): Platform | undefined {
  const fields = ['sys_vendor', 'product_name', 'board_vendor', 'bios_vendor', 'chassis_asset_tag']
  const text = fields.map((field) => dmi[field]?.trim() ?? '').join(' ')
  const known = KNOWN.find(({ pattern }) => pattern.test(text))
  return known === undefined ? undefined : { name: known.name, breaks: known.breaks, remedy: known.remedy }
}
