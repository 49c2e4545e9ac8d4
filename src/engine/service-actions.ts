import type { ServiceAction, ServiceConfig } from '../probes/types.ts'
import { assertNever } from '../shared/errors.ts'
import type { EngineEvent } from './core/types.ts'
import type { Clock, ServicePort } from './ports.ts'

export type ServiceActuatorOptions = {
  readonly services: () => readonly ServiceConfig[]
  readonly port: ServicePort
  readonly clock: Clock
  readonly dispatch: (event: EngineEvent) => void
  readonly onBug: (thrown: unknown) => void
}

/** Carries out what a service's policy asks for; the answer comes back as an event. */
export function createServiceActuator({ services, port, clock, dispatch, onBug }: ServiceActuatorOptions) {
  const answer = (event: Promise<EngineEvent>): void => {
    event.then(dispatch).catch(onBug)
  }

  return (name: string, action: ServiceAction): void => {
    const service = services().find((candidate) => candidate.name === name)
    if (service === undefined) return
    switch (action.kind) {
      case 'probe':
        answer(port.probe(service).then((results) => ({ kind: 'probed', now: clock.now(), service: name, results })))
        return
      case 'test-config':
        answer(
          port
            .testConfig(service.configTest ?? [])
            .then((outcome) => ({ kind: 'config-tested', now: clock.now(), service: name, outcome })),
        )
        return
      case 'restart':
        answer(
          port.restart(service).then((outcome) => ({ kind: 'restarted', now: clock.now(), service: name, outcome })),
        )
        return
      case 'yield':
      case 'resume':
      case 'notice':
        return
      default:
        assertNever(action)
    }
  }
}
