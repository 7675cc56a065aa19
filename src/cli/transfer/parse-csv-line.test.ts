import { expect, test } from 'vitest'
import { threadCpuMs } from '../../../test/harness/thread-cpu.ts'
import { parseCsvLine } from './parse-csv-line.ts'

const TIME_MS = 1_700_000_000_000

test.each([
  ['a.b,1700000000,0.5', { series: 'a.b', timeMs: TIME_MS, value: 0.5 }],
  ['\ufeffa.b, 1700000000 ,-1e3\r', { series: 'a.b', timeMs: TIME_MS, value: -1_000 }],
  ['"a,b",1700000000,1', { series: 'a,b', timeMs: TIME_MS, value: 1 }],
  ['"a ""b""" , "1700000000","1"', { series: 'a "b"', timeMs: TIME_MS, value: 1 }],
  ['a,2023-11-14 22:13:20,', { series: 'a', timeMs: TIME_MS, value: undefined }],
  ['a,1700000000,None', { series: 'a', timeMs: TIME_MS, value: undefined }],
  ['', undefined],
  ['  \r', undefined],
  ['series,time,value', { problem: '"time" is no time', isHeader: true }],
  ['a,yesterday,1', { problem: '"yesterday" is no time', isHeader: false }],
  ['a,0,1', { problem: '"0" is no time', isHeader: false }],
  ['a,1700000000,high', { problem: '"high" is no number', isHeader: false }],
  ['a,1700000000,1e999', { problem: '"1e999" is no number', isHeader: false }],
  ['a,1700000000,0x10', { problem: '"0x10" is no number', isHeader: false }],
  ['a,1', { problem: 'it has 2 fields, and series, time and value are wanted', isHeader: false }],
  ['a,1,2,3', { problem: 'it has 4 fields, and series, time and value are wanted', isHeader: false }],
  ['"a,1,2', { problem: 'a field in quotes has no end, or something behind it', isHeader: false }],
  ['"a"b,1,2', { problem: 'a field in quotes has no end, or something behind it', isHeader: false }],
])('%j', (text, wanted) => {
  expect(parseCsvLine(text)).toEqual(wanted)
})

test('a line of nothing but quotes and commas is read in no time', () => {
  const startMs = threadCpuMs()
  for (const text of ['",'.repeat(32_000), '"'.repeat(65_000), `"${','.repeat(65_000)}`]) parseCsvLine(text)
  expect(threadCpuMs() - startMs).toBeLessThan(500)
})
