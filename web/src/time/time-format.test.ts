import { expect, test } from 'vitest'
import { createTimeFormat } from './time-format.ts'
import { browserZone, isZone, zoneOf } from './time-zone.ts'

const SECONDS = Date.UTC(2026, 2, 3, 21, 0, 30) / 1000

test.each([
  ['UTC', '21:00:30', 'Mar 3 21:00:30', 'Mar 3, 2026, 21:00:30'],
  ['Asia/Kolkata', '02:30:30', 'Mar 4 02:30:30', 'Mar 4, 2026, 02:30:30'],
  ['America/St_Johns', '17:30:30', 'Mar 3 17:30:30', 'Mar 3, 2026, 17:30:30'],
])('in %s it is %s', (zone, time, moment, date) => {
  const times = createTimeFormat(zone)
  expect([times.time(SECONDS), times.moment(SECONDS), times.date(SECONDS)]).toEqual([time, moment, date])
})

test('the day is said where there is more than one', () => {
  const times = createTimeFormat('UTC')
  expect(times.within(3_600, SECONDS)).toBe('21:00:30')
  expect(times.within(86_400, SECONDS)).toBe('Mar 3 21:00:30')
})

test('two moments say a day that they share once', () => {
  const times = createTimeFormat('Asia/Kolkata')
  expect(times.between(SECONDS, SECONDS + 60)).toBe('Mar 4 02:30:30 – 02:31:30')
  expect(times.between(SECONDS - 86_400, SECONDS)).toBe('Mar 3 02:30:30 – Mar 4 02:30:30')
})

test('axis times show what changes from label to label', () => {
  const times = createTimeFormat('Asia/Kolkata')
  expect([10, 60, 86_400].map((step) => times.axis(SECONDS, step))).toEqual(['02:30:30', '02:30', 'Mar 4'])
})

test.each([
  ['UTC', 'UTC'],
  ['server', 'Europe/Berlin'],
  ['browser', browserZone()],
  ['Nowhere/Land', browserZone()],
  ['<script>', browserZone()],
  ['', browserZone()],
])('the choice %j is %s', (choice, zone) => {
  expect(zoneOf(choice, 'Europe/Berlin')).toBe(zone)
})

test('a zone that this browser does not know is none', () => {
  expect(['UTC', 'Europe/Berlin', '', 'x'].map(isZone)).toEqual([true, true, false, false])
})
