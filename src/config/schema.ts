import * as z from 'zod'
import { readOneOf } from './read.ts'
import { readName } from './read-text.ts'
import { scalar } from './scalar.ts'
import { instanceSchema, nodeSchema } from './schema-instance.ts'
import { notifySchema } from './schema-notify.ts'
import { fencingSchema, peerSchema, witnessSchema } from './schema-peer.ts'
import { serviceSchema } from './schema-service.ts'
import { byName, listOf } from './structure.ts'

/**
 * The form of haup.yaml: which keys there are, their types, ranges and defaults. What concerns several keys at once is
 * in check*.ts. Keys keep their spelling here; resolve.ts turns the document into a `ClusterConfig`.
 */

/** More entries than any cluster has; keeps the cross checks, which compare all with all, short. */
const MAX_NODES = 64
const MAX_INSTANCES = 255
const MAX_SERVICES = 64
const MAX_WITNESSES = 16

export const documentSchema = z.strictObject({
  cluster: scalar({ type: 'string', description: 'Name of the cluster' }, readName),
  nodes: byName(nodeSchema, 'a node', MAX_NODES, 'The boxes, by name'),
  instances: byName(instanceSchema, 'an instance', MAX_INSTANCES, 'Groups of addresses that move together, by name'),
  services: byName(serviceSchema, 'a service', MAX_SERVICES, 'What must run, by name').prefault({}),
  notify: notifySchema.optional(),
  peer: peerSchema.optional(),
  witness: listOf(witnessSchema, 0, MAX_WITNESSES, 'Third parties that tell a dead peer from a cut LAN').prefault([]),
  quorum: scalar(
    { type: 'string', enum: ['none', 'majority'], description: 'Whether holding needs a majority of the haup nodes' },
    readOneOf('none', 'majority'),
  ).prefault('none'),
  fencing: fencingSchema.optional(),
})

/** A document in which each single value is valid; defaults are filled in. */
export type ConfigDocument = z.output<typeof documentSchema>
export type InstanceDocument = ConfigDocument['instances'][string]
export type NotifyDocument = NonNullable<ConfigDocument['notify']>
export type ServiceDocument = ConfigDocument['services'][string]
export type WitnessDocument = ConfigDocument['witness'][number]

/** JSON Schema (draft 2020-12) of haup.yaml, for editors. It says the form; `haup config check` says all. */
export const jsonSchema = (): Record<string, unknown> => ({
  ...z.toJSONSchema(documentSchema, { io: 'input' }),
  title: 'haup.yaml',
})
