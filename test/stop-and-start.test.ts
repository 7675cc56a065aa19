import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createServer } from 'node:net'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { afterAll, describe, expect, test } from 'vitest'
import { cleanUp, KymoProcess, temporaryDirectory, until } from './harness/kymo.ts'

afterAll(cleanUp)

test('stopped and started twice inside one interval, the sum of the interval is whole and one point', async () => {
  const data = temporaryDirectory()
  // An interval of a day cannot end while this runs (but for once a day, at midnight UTC).
  const options = { data, flushInterval: '1d' }
  for (const increment of [1, 10]) {
    const kymo = await KymoProcess.start(options)
    await kymo.udp(`sum:${increment}|c\nlevel:+${increment}|g\ntook:${increment}|ms\nwho:${increment}|s`)
    await kymo.received(4)
    expect(await kymo.end('SIGTERM')).toBe(0)
  }
  const kymo = await KymoProcess.start(options)
  await kymo.udp('sum:100|c\nlevel:+100|g\ntook:100|ms\nwho:100|s')
  await kymo.received(4)
  await kymo.flush()
  const render = (target: string) => kymo.render(target, '-1d', '+2d')
  const points = async (target: string) =>
    ((await render(target))[0]?.datapoints ?? []).map(([value]) => value).filter((value) => value !== null)
  expect(await points('stats.counters.sum.count')).toEqual([111])
  expect(await points('stats.gauges.level')).toEqual([111])
  expect(await points('stats.timers.took.upper')).toEqual([100])
  expect(await points('stats.timers.took.count')).toEqual([3])
  expect(await points('stats.sets.who.count')).toEqual([3])
  expect(await kymo.end()).toBe(0)
})

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

test('an interval that ends while Kymo is stopped is flushed under its own time', async () => {
  const data = temporaryDirectory()
  const first = await KymoProcess.start({ data, flushInterval: '2s' })
  // Enough of the interval must be left to stop inside it.
  await until('an interval begins', () => Date.now() % 2_000 < 300)
  const endSeconds = Math.floor(Date.now() / 2_000) * 2 + 2
  await first.udp('late:5|c')
  await first.received(1)
  expect(await first.end()).toBe(0)
  await until('the interval is over', () => Date.now() >= endSeconds * 1_000 + 1_000)
  const second = await KymoProcess.start({ data, flushInterval: '2s' })
  const [series] = await second.render('stats.counters.late.count')
  expect(series?.datapoints.filter(([value]) => value === 5)).toEqual([[5, endSeconds]])
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

test('without a store, what is open when it stops goes to the sinks', async () => {
  const kymo = await KymoProcess.start({ flushInterval: '1d', args: ['--no-store', '--stdout'] })
  await kymo.udp('last.words:3|c')
  await kymo.received(1)
  expect(await kymo.end()).toBe(0)
  expect(kymo.stdout).toMatch(/last\.words.*count 3\b/)
})

test('kill -9 during traffic: it starts again by itself and everything flushed is there', async () => {
  const data = temporaryDirectory()
  let flushed = 0
  for (let round = 0; round < 3; round++) {
    const kymo = await KymoProcess.start({ data, flushInterval: '100ms' })
    for (let sent = 0; sent < 20; sent++) {
      await kymo.udp('crash:1|c')
      await kymo.received(sent + 1)
      if (sent % 5 === 4) {
        await kymo.flush()
        flushed += 5
      }
    }
    await kymo.udp('crash:1|c')
    expect(await kymo.end('SIGKILL')).toBe('SIGKILL')
  }
  const kymo = await KymoProcess.start({ data, flushInterval: '100ms' })
  const counts = await kymo.values('stats.counters.crash.count')
  const total = counts.reduce((sum, count) => sum + count, 0)
  expect(total).toBeGreaterThanOrEqual(flushed)
  expect(total).toBeLessThanOrEqual(flushed + 3)
})

describe('what can go wrong at the start is said in one clear sentence', () => {
  test('an address that another program has: 4', async () => {
    const other = createServer().listen(0, '127.0.0.1')
    await once(other, 'listening')
    const port = (other.address() as { port: number }).port
    const kymo = KymoProcess.launch({ args: ['--http-port', String(port)] })
    expect(await kymo.ended()).toBe(4)
    expect(kymo.stderr).toMatch(new RegExp(`address-in-use.*127\\.0\\.0\\.1:${port}`, 's'))
    expect(kymo.stderr).toContain('--http-port')
    other.close()
  })

  test('a UDP port that another process would share: 4', async () => {
    const other = createSocket({ type: 'udp4', reuseAddr: true, reusePort: true })
    other.bind(0, '127.0.0.1')
    await once(other, 'listening')
    const port = String(other.address().port)
    for (const receivers of ['1', '2']) {
      const kymo = KymoProcess.launch({ args: ['--statsd-port', port, '--receivers', receivers] })
      expect(await kymo.ended()).toBe(4)
      expect(kymo.stderr).toContain('--statsd-port')
    }
    other.close()
  })

  test('a data directory in use: 5', async () => {
    const first = await KymoProcess.start()
    const second = KymoProcess.launch({ data: first.data })
    expect(await second.ended()).toBe(5)
    expect(second.stderr).toContain(first.data)
    expect((await fetch(first.url('/ready'))).status).toBe(200)
  })

  test('a data directory that is a file: 1', async () => {
    const path = join(temporaryDirectory(), 'file')
    writeFileSync(path, 'not a directory')
    const kymo = KymoProcess.launch({ data: path, cwd: temporaryDirectory() })
    expect(await kymo.ended()).toBe(1)
    expect(kymo.stderr).toContain(path)
  })

  test('a data directory that cannot be made: 2', async () => {
    const kymo = KymoProcess.launch({ data: '/proc/nowhere/kymo', cwd: temporaryDirectory() })
    expect(await kymo.ended()).toBe(2)
    expect(kymo.stderr).toContain('/proc/nowhere/kymo')
  })

  test('a broken configuration: 78, every problem at once, with line and column', async () => {
    const directory = temporaryDirectory()
    const path = join(directory, 'kymo.yaml')
    writeFileSync(path, 'flush:\n  intervall: 10s\nhttp:\n  port: 99999\nstore:\n  sync_interval: 5\n')
    const kymo = KymoProcess.launch({ cwd: directory, args: [path] })
    expect(await kymo.ended()).toBe(78)
    expect(kymo.stderr).toMatch(/kymo\.yaml:2:3.*interval/)
    expect(kymo.stderr).toMatch(/kymo\.yaml:4:9/)
    expect(kymo.stderr).toMatch(/kymo\.yaml:6:18/)
  })

  test('HTTP open to others without credentials: 78', async () => {
    const kymo = KymoProcess.launch({ args: ['--http-listen', '0.0.0.0'] })
    expect(await kymo.ended()).toBe(78)
    expect(kymo.stderr).toContain('--insecure-open')
  })

  test('an unknown flag: 64', async () => {
    const kymo = KymoProcess.launch({ args: ['--flush-intervall', '10s'] })
    expect(await kymo.ended()).toBe(64)
    expect(kymo.stderr).toContain('--flush-interval')
  })
})

test('a start says nothing but that it is ready', async () => {
  const kymo = await KymoProcess.start({ flushInterval: '100ms', args: ['--receivers', '3'] })
  expect(kymo.stderr).toMatch(/^{"event":"ready"/)
})

test('several receivers still make one batch', async () => {
  const kymo = await KymoProcess.start({ flushInterval: '1d', args: ['--receivers', '3', '--stdout'] })
  for (let i = 0; i < 60; i++) await kymo.udp('spread:1|c\nspread.time:5|ms')
  await kymo.received(120)
  await kymo.flush()
  await until('the flush is on stdout', () => /spread/.test(kymo.stdout))
  expect(kymo.stdout.match(/spread {2,}counter|spread .*count 60\b/g)?.length).toBe(1)
  expect(await kymo.render('stats.timers.spread.time.count', '-1d', '+2d')).toMatchObject([
    { target: 'stats.timers.spread.time.count' },
  ])
})
