/**
 * The same N instances for haup and for keepalived: VRIDs 1 to N, one virtual address each, web1 preferred, adverts each
 * second, one web server looked at each second of which two failures count. PURE.
 */

/** A VRID is a byte, and 0 is none. RFC 9568 5.2.3 */
export const MOST_INSTANCES = 255
/** The boxes are in 192.0.2.0/24, which is too small; with this length .3.255 is an address like any other. */
const PREFIX_LENGTH = 16
const ADVERTS_S = 1
export const PRIORITY: Readonly<Record<string, number>> = { web1: 150, web2: 100 }

export const instanceName = (vrid: number): string => `vi${String(vrid).padStart(3, '0')}`
export const addressOf = (vrid: number): string => `192.0.3.${vrid}`
export const addressesOf = (count: number): readonly string[] => vrids(count).map(addressOf)

function vrids(count: number): readonly number[] {
  if (!Number.isInteger(count) || count < 1 || count > MOST_INSTANCES)
    throw new RangeError(`${count} instances: 1 to ${MOST_INSTANCES} are possible on one line`)
  return Array.from({ length: count }, (_, index) => index + 1)
}

/** The `instances` of haup.yaml, which track the service of this name. */
export const haupInstances = (count: number, service: string) =>
  Object.fromEntries(
    vrids(count).map((vrid) => [
      instanceName(vrid),
      {
        vrid,
        version: 3,
        advert_interval: `${ADVERTS_S}s`,
        priority: PRIORITY,
        virtual_addresses: [`${addressOf(vrid)}/${PREFIX_LENGTH}`],
        track: [service],
      },
    ]),
  )

/** All of keepalived.conf for a box; `check` is a whole command line. */
export const keepalivedFile = (count: number, box: string, networkInterface: string, check: string): string =>
  [
    'global_defs {\n  vrrp_version 3\n  script_user root\n}',
    `vrrp_script web {\n  script "${check}"\n  interval 1\n  timeout 1\n  fall 2\n  rise 2\n}`,
    ...vrids(count).map((vrid) =>
      [
        `vrrp_instance ${instanceName(vrid)} {`,
        '  state BACKUP',
        `  interface ${networkInterface}`,
        `  virtual_router_id ${vrid}`,
        `  priority ${PRIORITY[box] ?? 50}`,
        `  advert_int ${ADVERTS_S}`,
        `  virtual_ipaddress {\n    ${addressOf(vrid)}/${PREFIX_LENGTH}\n  }`,
        '  track_script {\n    web\n  }',
        '}',
      ].join('\n'),
    ),
    '',
  ].join('\n')
