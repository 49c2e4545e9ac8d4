import { test } from 'node:test'
import { busyHistory } from './busy.ts'
import { runSeeds } from './report.ts'

test('without loss two holders overlap for two deliveries and one answer at most', () => {
  runSeeds(10_001, 1_500, busyHistory)
})
