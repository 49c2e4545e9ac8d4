import { setFlagsFromString } from 'node:v8'

/** With more, memory for new objects that stays small costs as much time as all else: it is emptied too often. */
const FEW_INSTANCES = 8

/** bin/haup.js keeps that memory small, for an engine that does little. */
export function expectInstances(count: number): void {
  if (count > FEW_INSTANCES) setFlagsFromString('--semi-space-growth-factor=2')
}
