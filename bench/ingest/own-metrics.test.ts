import { expect, test } from 'vitest'
import { OwnMetrics } from './own-metrics.ts'

const metrics = new OwnMetrics(`# HELP kymo_lines Lines.
# TYPE kymo_lines counter
kymo_lines{listener="udp"} 3
kymo_lines{listener="tcp"} 4
kymo_lines_total 100
`)

test.each([
  ['kymo_lines', '', 7],
  ['kymo_lines', 'listener="udp"', 3],
  ['kymo_lines_total', '', 100],
  ['kymo_other', '', 0],
])('%s with "%s"', (name, label, sum) => {
  expect(metrics.sum(name, label)).toBe(sum)
})
