import { readFile } from 'node:fs/promises'
import type { FirewallFacts } from './facts.ts'
import {
  hasPeerRule,
  hasVrrpRule,
  interpretNftRuleset,
  zoneAcceptsPeer,
  zoneAcceptsVrrp,
} from './interpret-firewall.ts'
import { outputOf } from './run.ts'

export const UFW_RULES = '/etc/ufw/before.rules'

/** Which firewall is active here, and whether adverts and the peer channel come through. Undefined: none that could drop anything. */
export async function detectFirewall(): Promise<FirewallFacts | undefined> {
  return (await detectFirewalld()) ?? (await detectUfw()) ?? detectNftables()
}

async function detectFirewalld(): Promise<FirewallFacts | undefined> {
  if (!(await outputOf('firewall-cmd', ['--state'])).ok) return undefined
  const zone = await outputOf('firewall-cmd', ['--list-all'])
  return {
    kind: 'firewalld',
    dropsVrrp: !zoneAcceptsVrrp(zone.stdout),
    dropsPeer: !zoneAcceptsPeer(zone.stdout),
    chain: [],
  }
}

async function detectUfw(): Promise<FirewallFacts | undefined> {
  const status = await outputOf('ufw', ['status'])
  if (!status.ok || !/^Status: active$/m.test(status.stdout)) return undefined
  const rules = await readFile(UFW_RULES, 'utf8').catch(() => '')
  return { kind: 'ufw', dropsVrrp: !hasVrrpRule(rules), dropsPeer: !hasPeerRule(rules, status.stdout), chain: [] }
}

const detectNftables = async (): Promise<FirewallFacts | undefined> =>
  interpretNftRuleset((await outputOf('nft', ['-j', 'list', 'ruleset'])).stdout)
