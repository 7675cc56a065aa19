import { describe, expect, test } from 'vitest'
import { judge, parseNagiosRange, perfdata } from './nagios-range.ts'

describe('a range', () => {
  test.each<[text: string, alerts: number[], silent: number[]]>([
    ['10', [-1, 10.5, Number.MAX_VALUE], [0, 5, 10]],
    ['10:', [9.9, -1], [10, 1e9]],
    ['~:10', [10.1], [10, -1e9]],
    ['10:20', [9, 21], [10, 15, 20]],
    ['@10:20', [10, 15, 20], [9, 21]],
    ['@10', [0, 10], [-1, 11]],
    ['-5:-1', [0, -6], [-5, -1]],
    [':10', [-1, 11], [0, 10]],
    ['1e3:2.5e3', [999, 2_501], [1_000, 2_500]],
    ['0', [1, -1], [0]],
    ['~:', [], [-1e300, 0, 1e300]],
  ])('%s', (text, alerts, silent) => {
    const range = parseNagiosRange(text)
    for (const value of alerts) expect(range?.isAlert(value), `${value}`).toBe(true)
    for (const value of silent) expect(range?.isAlert(value), `${value}`).toBe(false)
  })

  test.each(['', '@', ':', '@:', 'a', '10:a', '20:10', '10::20', '~', '10~', ' 10', '0x10', 'inf', '10;'])(
    'is not %j',
    (text) => {
      expect(parseNagiosRange(text)).toBeUndefined()
    },
  )
})

test.each([
  [5, 0],
  [15, 1],
  [25, 2],
  [-1, 2],
  [Number.NaN, 3],
])('%d is state %d', (value, state) => {
  expect(judge(value, { warning: parseNagiosRange('10'), critical: parseNagiosRange('20') })).toBe(state)
})

test('what Nagios keeps has the thresholds, and a label that nothing in a name breaks', () => {
  expect(perfdata('a', 1.5, { warning: parseNagiosRange('10'), critical: parseNagiosRange('@20:30') })).toBe(
    "'a'=1.5;10;@20:30",
  )
  expect(perfdata('a', 1, { critical: parseNagiosRange('20') })).toBe("'a'=1;;20")
  expect(perfdata('a', Number.NaN, {})).toBe("'a'=U")
  expect(perfdata("it's;k=v|x\ny", 1, {})).toBe("'it''s;k_v_x_y'=1")
})
