import { afterAll, expect, test } from 'vitest'
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

test('without a store, what is open when it stops goes to the sinks', async () => {
  const kymo = await KymoProcess.start({ flushInterval: '1d', args: ['--no-store', '--stdout'] })
  await kymo.udp('last.words:3|c')
  await kymo.received(1)
  expect(await kymo.end()).toBe(0)
  expect(kymo.stdout).toMatch(/last\.words.*count 3\b/)
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

test('what is first sent over a stream right before it stops is not lost', async () => {
  const kymo = await KymoProcess.start({ flushInterval: '1d', args: ['--no-store', '--stdout'] })
  // Nobody has come before, so there is no thread yet that would let it in.
  const sent = kymo.tcp('last.words:3|c\n')
  await new Promise((resolve) => setTimeout(resolve, 5))
  expect(await kymo.end()).toBe(0)
  await sent
  expect(kymo.stdout).toMatch(/last\.words.*count 3\b/)
})
