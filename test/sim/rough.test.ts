import { test } from 'node:test'
import { runSeeds } from './report.ts'
import { roughHistory } from './rough.ts'

test('a heard claim ends an overlap, and after healing the right one holds within the bound', () => {
  runSeeds(20_001, 1_500, roughHistory)
})
