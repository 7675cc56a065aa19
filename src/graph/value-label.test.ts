import { expect, test } from 'vitest'
import { labelValue, labelValues, type UnitSystem } from './value-label.ts'

test.each<[values: number[], system: UnitSystem, wanted: string]>([
  [[0, 200, 400], 'si', '0 200 400'],
  [[600, 1200, 1800], 'si', '600 1200 1800'],
  [[1000, 2000, 3000], 'si', '1 k|2 k|3 k'],
  [[0, 50_000, 100_000], 'si', '0|50 k|100 k'],
  [[0, 500_000, 1_000_000, 1_500_000], 'si', '0|0.5 M|1.0 M|1.5 M'],
  [[1e15, 2e15], 'si', '1 P|2 P'],
  [[-20_000, 0, 20_000], 'si', '-20 k|0|20 k'],
  [[0, 0.05, 0.1], 'si', '0 0.05 0.10'],
  [[1e-9, 2e-9], 'si', '1e-9 2e-9'],
  [[0, 500_000], 'none', '0 500000'],
  [[2 ** 30, 2 ** 31], 'binary', '1 Gi|2 Gi'],
  [[0, 60, 120], 'sec', '0|1 min|2 min'],
  [[0, 30, 60, 90], 'sec', '0|0.5 min|1.0 min|1.5 min'],
  [[0, 3600, 7200], 'sec', '0|1 h|2 h'],
  [[0, 20, 40], 'msec', '0|20 ms|40 ms'],
  [[0, 500, 1000], 'msec', '0|0.5 s|1.0 s'],
])('%j in %s', (values, system, wanted) => {
  expect(labelValues(values, system)).toEqual(wanted.split(wanted.includes('|') ? '|' : ' '))
})

test.each([
  [0, '0'],
  [1234, '1.23 k'],
  [0.12345, '0.123'],
  [-5e6, '-5 M'],
  [1e308, '1e+293 P'],
])('%d by itself is "%s"', (value, wanted) => {
  expect(labelValue(value, 'si')).toBe(wanted)
})
