import { expect, test } from 'vitest'
import { strftime } from './strftime.ts'

const TIME = { year: 2026, month: 3, day: 5, hour: 15, minute: 4, second: 9 }

test.each([
  ['%H:%M:%S', '15:04:09'],
  ['%I:%M %p', '03:04 PM'],
  ['%-I %-d %e', '3 5  5'],
  ['%a %A %b %B', 'Thu Thursday Mar March'],
  ['%m/%d/%y %Y', '03/05/26 2026'],
  ['%j %F %T %R %D', '064 2026-03-05 15:04:09 15:04 03/05/26'],
  ['%Z %%', 'UTC %'],
  ['%q %', '%q %'],
  ['', ''],
  ['<b>%constructor', '<b>%constructor'],
])('"%s" is "%s"', (format, wanted) => {
  // %c is not among what is known, and stays.
  expect(strftime(format, TIME, 'UTC')).toBe(wanted)
})
