import { passwordBytes } from '../../../src/engine/vrrp/password.ts'
import { OWNER, type RouterConfig } from '../../../src/engine/vrrp/types.ts'
import { configWith, ip, millis, OURS, seconds } from './setting.ts'

/** IPv4 packets that keepalived 2.2.7 sent, captured with tcpdump, and what it was configured to. */
export type Capture = {
  readonly name: string
  readonly hex: string
  readonly config: RouterConfig
  readonly priority: number
  readonly identification: number
}

const PLAIN_V2 = configWith({ version: 2, addresses: [ip('192.0.2.100')] })
const PASS_V2 = configWith({
  version: 2,
  vrid: 52,
  addresses: [ip('192.0.2.101'), ip('198.51.100.7'), ip('203.0.113.250')],
  // Configured with 12 characters, sent with 8.
  authentication: { kind: 'password', password: passwordBytes('secret-12345') },
})
const FAST_V3 = configWith({
  vrid: 53,
  advertInterval: millis(250),
  addresses: [ip('192.0.2.102'), ip('192.0.2.103')],
})
const OWNER_V3 = configWith({ vrid: 54, advertInterval: seconds(3.07), addresses: [ip('192.0.2.104')] })

export const CAPTURES: readonly Capture[] = [
  {
    name: 'v2 without authentication',
    hex: '45c0002800010000ff701888c000020ae0000012 2133960100018665c00002640000000000000000',
    config: PLAIN_V2,
    priority: 150,
    identification: 1,
  },
  {
    name: 'v2 releasing',
    hex: '45c00028000b0000ff70187ec000020ae0000012 2133000100011c66c00002640000000000000000',
    config: PLAIN_V2,
    priority: 0,
    identification: 11,
  },
  {
    name: 'v2 with a password and three addresses',
    hex: '45c0003000010000ff701880c000020ae0000012 213464030101e6adc0000265c6336407cb0071fa7365637265742d31',
    config: PASS_V2,
    priority: 100,
    identification: 1,
  },
  {
    name: 'v2 with a password, releasing',
    hex: '45c00030000b0000ff701876c000020ae0000012 2134000301014aaec0000265c6336407cb0071fa7365637265742d31',
    config: PASS_V2,
    priority: 0,
    identification: 11,
  },
  {
    name: 'v3 at 250 ms',
    hex: '45c0002400010000ff70188cc000020ae0000012 3135fe020019a942c0000266c0000267',
    config: FAST_V3,
    priority: 254,
    identification: 1,
  },
  {
    name: 'v3 releasing',
    hex: '45c0002400320000ff70185bc000020ae0000012 313500020019a743c0000266c0000267',
    config: FAST_V3,
    priority: 0,
    identification: 50,
  },
  {
    name: 'v3 of an owner, interval above 8 bits',
    hex: '45c0002000010000ff701890c000020ae0000012 3136ff0101336992c0000268',
    config: OWNER_V3,
    priority: OWNER,
    identification: 1,
  },
]

/** The gratuitous ARP that keepalived sent for 203.0.113.250 from 02:00:5e:10:00:0a. */
export const CAPTURED_ARP = 'ffffffffffff02005e10000a0806000108000604000102005e10000acb0071faffffffffffffcb0071fa'

/** The same configuration as somebody else on the LAN has it, who receives these packets. */
export const seenFromOutside = (config: RouterConfig): RouterConfig => ({ ...config, source: ip('192.0.2.77') })

export const CAPTURE_SOURCE = OURS
