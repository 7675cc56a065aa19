import { expect, test } from 'vitest'
import { cpuNsBetween, readCpu } from './process-cpu.ts'

const reading = (threads: Readonly<Record<string, number>>, allNs: number) => ({
  threadNs: new Map(Object.entries(threads)),
  allNs,
})

test.each([
  ['threads that live on', { a: 10, b: 5 }, { a: 110, b: 6 }, 101],
  ['a thread that began', { a: 10 }, { a: 20, b: 7 }, 17],
  ['a thread that ended took its time with it, so the ticks count', { a: 10, b: 5 }, { a: 20 }, 990],
])('%s', (_, before, after, wantedNs) => {
  expect(cpuNsBetween(reading(before, 10), reading(after, 1_000))).toBe(wantedNs)
})

test.runIf(process.platform === 'linux')('work of this process is seen', () => {
  const before = readCpu(process.pid)
  for (const end = process.cpuUsage().user + 50_000; process.cpuUsage().user < end; );
  expect(cpuNsBetween(before, readCpu(process.pid))).toBeGreaterThan(30_000_000)
})
