import { test } from 'node:test'
import { calmHistory } from './calm.ts'
import { runSeeds } from './report.ts'

test('one holder but for the delivery of a claim, take-over in time, one holder after each disturbance', () => {
  runSeeds(1, 1_500, calmHistory)
})
