import { expect, test } from 'vitest'
import { bridgePauses } from './bridge-pauses.ts'

/** `1..2`: a value, two empty places, a value. */
function bridged(drawn: string): string {
  const values = drawn.split('').map((sign) => (sign === '.' ? null : Number(sign)))
  const times = values.map((_, i) => i * 10)
  return bridgePauses(times, values)
    .map((value) => (value === undefined ? '-' : (value ?? '.')))
    .join('')
}

test.each([
  ['a sender with one point in each place keeps its gaps', '123..456.78', '123..456.78'],
  ['a slow sender is a line', '.1..2..3..4.', '.1--2--3--4.'],
  ['a report that is missing is a gap', '1..2..3.....4..5', '1--2--3.....4--5'],
  ['one that comes a little late is none', '1..2..3...4..5', '1--2--3---4--5'],
  ['two points are no rhythm', '1....2', '1....2'],
  ['nothing is nothing', '....', '....'],
])('%s', (_what, drawn, expected) => {
  expect(bridged(drawn)).toBe(expected)
})

test('times that only other series have are no pauses', () => {
  const values = [1, undefined, 2, undefined, null, undefined, 3]
  expect(bridgePauses([0, 5, 10, 15, 20, 25, 30], values)).toEqual(values)
})
