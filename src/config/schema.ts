import { z } from 'zod'
import { readName } from './read-text.ts'
import { scalar } from './scalar.ts'
import { instanceSchema, nodeSchema } from './schema-instance.ts'
import { notifySchema } from './schema-notify.ts'
import { serviceSchema } from './schema-service.ts'
import { byName } from './structure.ts'

/**
 * The form of haup.yaml: which keys there are, their types, ranges and defaults. What concerns several keys at once is
 * in check*.ts. Keys keep their spelling here; resolve.ts turns the document into a `ClusterConfig`.
 */

/** More entries than any cluster has; keeps the cross checks, which compare all with all, short. */
const MAX_NODES = 64
const MAX_INSTANCES = 255
const MAX_SERVICES = 64

export const documentSchema = z.strictObject({
  cluster: scalar({ type: 'string', description: 'Name of the cluster' }, readName),
  nodes: byName(nodeSchema, 'a node', MAX_NODES, 'The boxes, by name'),
  instances: byName(instanceSchema, 'an instance', MAX_INSTANCES, 'Groups of addresses that move together, by name'),
  services: byName(serviceSchema, 'a service', MAX_SERVICES, 'What must run, by name').prefault({}),
  notify: notifySchema.optional(),
})

/** A document in which each single value is valid; defaults are filled in. */
export type ConfigDocument = z.output<typeof documentSchema>
export type InstanceDocument = ConfigDocument['instances'][string]
export type NotifyDocument = NonNullable<ConfigDocument['notify']>
export type ServiceDocument = ConfigDocument['services'][string]

/** JSON Schema (draft 2020-12) of haup.yaml, for editors. It says the form; `haup config check` says all. */
export const jsonSchema = (): Record<string, unknown> => ({
  ...z.toJSONSchema(documentSchema, { io: 'input' }),
  title: 'haup.yaml',
})
