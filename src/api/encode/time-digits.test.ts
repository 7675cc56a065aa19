import { expect, test } from 'vitest'
import { TimeDigits } from './time-digits.ts'

test.each([
  [1_700_000_010, 10],
  [1_700_000_010, 3_600],
  [0, 1],
  [7, 86_400],
  [99_999_990, 10],
  [999_999_999, 1],
  [2 ** 31 - 20, 7],
  [-50, 20],
  [1e11, 60],
])('from %d on in steps of %d they are what String writes', (start, step) => {
  const digits = new TimeDigits(start, step)
  for (let index = 0; index < 1_000; index++) {
    expect(new TextDecoder().decode(digits.bytes)).toBe(String(start + index * step))
    expect(digits.seconds).toBe(start + index * step)
    digits.next()
  }
})
