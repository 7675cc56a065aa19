import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { cleanUp, KymoProcess, temporaryDirectory, until } from '../harness/kymo.ts'

afterAll(cleanUp)

test('a timer and a set with more than is kept exactly go on where they stopped', async () => {
  const data = temporaryDirectory()
  const config = join(temporaryDirectory(), 'kymo.yaml')
  writeFileSync(config, 'aggregator: {timer_exact_values: 50, set_exact_members: 50}\n')
  const options = { data, flushInterval: '1d', args: [config] }
  const packetOf = (first: number) =>
    Array.from({ length: 60 }, (_, i) => `took:${first + i}|ms\nwho:user-${first + i}|s`).join('\n')
  for (const first of [1, 61]) {
    const kymo = await KymoProcess.start(options)
    await kymo.udp(packetOf(first))
    await kymo.received(120)
    expect(await kymo.end()).toBe(0)
  }
  const kymo = await KymoProcess.start(options)
  await kymo.udp(packetOf(121))
  await kymo.received(120)
  await kymo.flush()
  const value = async (target: string) =>
    (await kymo.render(target, '-1d', '+2d'))[0]?.datapoints.find(([each]) => each !== null)?.[0] ??
    Number.NaN
  expect(await value('stats.timers.took.sum')).toBe((180 * 181) / 2)
  expect(await value('stats.timers.took.upper')).toBe(180)
  expect(Math.abs((await value('stats.timers.took.upper_90')) / 162 - 1)).toBeLessThan(0.011)
  expect(Math.abs((await value('stats.sets.who.count')) - 180)).toBeLessThanOrEqual(3)
  expect(await kymo.end()).toBe(0)
})

test('an interval saved by another version of Kymo is moved aside, said to be lost, and the start goes on', async () => {
  const data = temporaryDirectory()
  const first = await KymoProcess.start({ data, flushInterval: '1d' })
  await first.udp('gone:5|c')
  await first.received(1)
  expect(await first.end()).toBe(0)
  const saved = join(data, 'saved-interval.bin')
  const bytes = readFileSync(saved)
  bytes.writeUInt16LE(1, 24 + 4)
  writeFileSync(saved, bytes)
  const second = await KymoProcess.start({ data, flushInterval: '1d' })
  expect(second.stderr).toContain('it is of version 1, and this Kymo reads version 2')
  expect(second.stderr).toContain('Kymo starts without its samples and the values of gauges')
  expect(readFileSync(`${saved}.damaged`).equals(bytes)).toBe(true)
  await second.udp('here:1|c')
  await second.received(1)
  expect(await second.end()).toBe(0)
})

test('started with a shorter interval and killed, an interval that was resumed is not counted twice', async () => {
  const data = temporaryDirectory()
  const long = await KymoProcess.start({ data, flushInterval: '1d' })
  await long.udp('once:5|c')
  await long.received(1)
  expect(await long.end()).toBe(0)
  for (let life = 0; life < 2; life++) {
    const short = await KymoProcess.start({ data, flushInterval: '1s' })
    await until('it is flushed', async () => (await short.values('stats.counters.once.count')).includes(5))
    expect(await short.end('SIGKILL')).toBe('SIGKILL')
  }
  const last = await KymoProcess.start({ data, flushInterval: '1s' })
  await last.flush()
  const counts = await last.values('stats.counters.once.count')
  expect(counts.reduce((sum, count) => sum + count, 0)).toBe(5)
})
