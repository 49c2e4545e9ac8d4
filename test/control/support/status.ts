import type { InstanceStatus, ServiceStatus, Status } from '../../../src/control/messages.ts'

/** A healthy node that holds one instance; tests change what they are about. */
export const anInstance = (changes: Partial<InstanceStatus> = {}): InstanceStatus => ({
  name: 'www',
  state: 'MASTER',
  since: '2026-03-01T12:00:03.123Z',
  since_seconds: 11_109.2,
  reason: 'no advert heard for 3.609s',
  vrid: 51,
  vrrp_version: 3,
  interface: 'eth0',
  preempt: true,
  advert_interval_ms: 1_000,
  priority: { effective: 150, parts: [{ label: 'base', value: 150 }] },
  addresses: [{ address: '192.0.2.10/24', interface: 'eth0', bound: true }],
  last_heard: { address: '192.0.2.12', node: 'web2', priority: 100, seconds_ago: 0.4 },
  hold: null,
  faults: [],
  counters: {
    adverts_sent: 11_109,
    adverts_received: 0,
    became_master: 1,
    released_master: 0,
    priority_zero_sent: 0,
    priority_zero_received: 0,
    send_errors: 0,
    repairs: 0,
    announcements_sent: 12,
    foreign_claims_heard: 0,
    rejected: {},
  },
  ...changes,
})

export const aService = (changes: Partial<ServiceStatus> = {}): ServiceStatus => ({
  name: 'nginx',
  state: 'HEALTHY',
  since: '2026-03-01T12:00:00.000Z',
  since_seconds: 11_112.3,
  reason: 'http 127.0.0.1/: 200 in 3.1ms',
  probes: [{ probe: 'http 127.0.0.1/', ok: true, detail: '200 in 3.1ms', took_ms: 3.1 }],
  remedies_paused: false,
  restarts_in_window: 0,
  restarts_allowed: 2,
  ...changes,
})

export const aStatus = (changes: Partial<Status> = {}): Status => ({
  format: 1,
  haup: '0.1.0',
  cluster: 'shop',
  node: 'web1',
  pid: 4_711,
  config_file: '/etc/haup/haup.yaml',
  started: '2026-03-01T12:00:00.000Z',
  uptime_seconds: 11_112.3,
  instances: [anInstance()],
  services: [aService()],
  peers: [],
  loop: { lateness_ms: { p50: 0.08, p99: 0.61, max: 3.2 } },
  warnings: [],
  ...changes,
})
