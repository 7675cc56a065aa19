import { expect, test } from 'vitest'
import { sparkPaths } from './spark-paths.ts'

test.each([
  ['nothing', [], []],
  ['no point', [null, null], []],
  ['a line on zero', [0, 10], ['M0.0 9.0h0L100.0 1.0']],
  ['a gap', [10, null, 10], ['M0.0 1.0h0', 'M100.0 1.0h0']],
  ['a pause that is none', [10, undefined, 10], ['M0.0 1.0h0L100.0 1.0']],
  ['all zero', [0, 0], ['M0.0 9.0h0L100.0 9.0']],
  ['below zero', [-10, 0], ['M0.0 9.0h0L100.0 1.0']],
])('%s', (_name, values, paths) => {
  expect(sparkPaths(values, 100, 10)).toEqual(paths)
})
