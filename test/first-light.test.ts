import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { cleanUp, KymoProcess, until } from './harness/kymo.ts'

// The whole path of a metric, through a real process: received, aggregated, flushed, kept, queried.
let kymo: KymoProcess

beforeAll(async () => {
  kymo = await KymoProcess.start({ flushInterval: '10s', args: ['--stdout'] })
})
afterAll(cleanUp)

test('datagrams are received in the way that is under test', () => {
  const byItself = process.platform === 'linux' ? 'recvmmsg' : 'dgram'
  expect(kymo.stderr).toContain(`"receiver":"${process.env['KYMO_TEST_RECEIVER'] ?? byItself}"`)
})

describe('a loop of counter, gauge and timer', () => {
  beforeAll(async () => {
    // Not so near the end of an interval that some of it comes into the next.
    await until('an interval has just begun', () => Date.now() % 10_000 < 5_000)
    for (let i = 0; i < 5; i++) {
      await kymo.udp(`counter:${i}|c`)
      await kymo.udp(`gauge:${i}|g`)
      await kymo.udp(`timer:${i}|ms`)
    }
    await kymo.received(15)
    await kymo.flush()
    // What a thread that had no time then handed over too late is in the flush after that.
    await until('all is flushed', async () => (await kymo.values('stats.timers.timer.count')).length > 0)
  })

  const cases: [target: string, value: number][] = [
    ['stats.counters.counter.count', 10],
    ['stats.counters.counter.rate', 1],
    ['stats.gauges.gauge', 4],
    ['stats.timers.timer.count', 5],
    ['stats.timers.timer.upper', 4],
    ['stats.timers.timer.lower', 0],
    ['stats.timers.timer.mean', 2],
    ['stats.timers.timer.median', 2],
    ['stats.timers.timer.sum', 10],
    ['stats.timers.timer.sum_squares', 30],
    ['stats.timers.timer.std', Math.SQRT2],
    ['stats.timers.timer.count_ps', 0.5],
    // 90 % of five values are round(4.5) = 5 of them.
    ['stats.timers.timer.upper_90', 4],
    ['stats.timers.timer.count_90', 5],
  ]

  test.each(cases)('%s is %d', async (target, value) => {
    const values = await kymo.values(target)
    expect(values.length).toBeGreaterThan(0)
    expect(values[0]).toBeCloseTo(value, 9)
  })

  test('the stdout sink shows the same', async () => {
    await until('the flush is on stdout', () => / timer .* count 5\b/.test(kymo.stdout))
    expect(kymo.stdout).toMatch(/counter.*count 10\b/)
    expect(kymo.stdout).toMatch(/gauge.*value 4\b/)
    expect(kymo.stdout).toMatch(/ timer .* count 5\b/)
    expect(kymo.stdout).toMatch(/ timer .* upper 4\b/)
  })

  test('the first metric was announced', async () => {
    await until('the announcement is there', () => kymo.stderr.includes('first_metric'))
    expect(kymo.stderr).toMatch(/"event":"first_metric","metric":"counter","type":"counter"/)
  })
})

test('StatsD comes in over UDP and TCP, on both families of loopback', async () => {
  await kymo.udp('ways:1|c')
  await kymo.udp('ways:10|c', 'statsd', '::1')
  await kymo.tcp('ways:100|c\n')
  await kymo.tcp('ways:1000|c', 'statsd', '::1')
  await until('all four are taken in', async () => (await accepted('statsd-tcp')) === 2)
  await kymo.flush()
  expect(await kymo.values('stats.counters.ways.count')).toEqual([1111])
})

test('many lines in a datagram, sample rates, sets, gauges with a sign, tags', async () => {
  await kymo.udp('multi:1|c\nmulti:2|c|@0.5\nmulti:3|c\n')
  await kymo.udp('users:ann|s\nusers:bob|s\nusers:ann|s')
  await kymo.udp('level:10|g\nlevel:+5|g\nlevel:-2|g')
  await kymo.udp('tagged:1|c|#b:2,a:1\ntagged:1|c|#a:1,b:2')
  await until('all are taken in', async () => (await accepted('statsd-udp')) >= 15 + 2 + 11)
  await kymo.flush()
  expect(await kymo.values('stats.counters.multi.count')).toEqual([8])
  expect(await kymo.values('stats.sets.users.count')).toEqual([2])
  expect((await kymo.values('stats.gauges.level'))[0]).toBe(13)
  expect(await kymo.values('stats.counters.tagged.count;a=1;b=2')).toEqual([2])
})

test('Graphite plaintext keeps its own times', async () => {
  const seconds = Math.floor(Date.now() / 10_000) * 10 - 60
  await kymo.tcp(`own.time 1.5 ${seconds}\nown.time 2.5 ${seconds + 10}\n`, 'graphite')
  await kymo.udp(`own.time 3.5 ${seconds + 20}\n`, 'graphite')
  await until('the points are there', async () => (await kymo.values('own.time')).length === 3)
  const [series] = await kymo.render('own.time', String(seconds - 10), String(seconds + 20))
  expect(series?.datapoints).toEqual([
    [1.5, seconds],
    [2.5, seconds + 10],
    [3.5, seconds + 20],
  ])
})

test('counters and gauges with times of their own are points of their series; those of a second add up', async () => {
  const seconds = Math.floor(Date.now() / 10_000) * 10 - 60
  await kymo.udp(
    `timed:2|c|T${seconds}|#a:b\ntimed:3|c|#a:b|T${seconds}\ntimed.level:5|g|T${seconds}\ntimed.level:7|g|T${seconds}`,
  )
  await until(
    'the points are there',
    async () => (await kymo.values('stats.gauges.timed.level')).length === 1,
  )
  const count = await kymo.render('stats.counters.timed.count;a=b', String(seconds - 10), String(seconds))
  expect(count[0]?.datapoints).toEqual([[5, seconds]])
  expect(await kymo.values('stats.gauges.timed.level')).toEqual([7])
})

test('events and service checks are kept, found by time and tag, and come by HTTP as well', async () => {
  await kymo.udp('_e{6,7}:deploy|version|#service:shop,env:prod\n_sc|database|2|m:no answer')
  const found = (query: string) =>
    kymo.json<{ what: string; data: string; tags: string[] }[]>(`/events/get_data?from=-1h${query}`)
  await until('both are kept', async () => (await found('')).length === 2)
  expect(await found('&tags=service:shop')).toMatchObject([{ what: 'deploy', data: 'version' }])
  await kymo.json('/events/', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ what: 'by hand', tags: 'one two', data: '<script>alert(1)</script>' }),
  })
  expect(await found('&tags=one+two')).toMatchObject([{ what: 'by hand', tags: ['one', 'two'] }])
  // As a series they are counted by the second.
  const [series] = await kymo.render('events("two", "one")', '-1min', '+1min')
  expect(series?.datapoints.map(([value]) => value).filter((value) => value !== null)).toEqual([1])
})

test('names that break other servers are ordinary metrics', async () => {
  for (const name of ['__proto__', 'constructor', 'toString', 'hasOwnProperty']) await kymo.udp(`${name}:7|c`)
  const before = await accepted('statsd-udp')
  await until('they are taken in', async () => (await accepted('statsd-udp')) >= before)
  await kymo.udp('__proto__:7|ms\nconstructor:a|s\nhasOwnProperty:1|g')
  await until(
    'they are all taken in',
    async () => (await kymo.json<StatusLines>('/api/status')).lines.received >= 39,
  )
  await kymo.flush()
  for (const name of ['__proto__', 'constructor', 'toString', 'hasOwnProperty']) {
    expect(await kymo.values(`stats.counters.${name}.count`), name).toEqual([7])
  }
  expect((await kymo.values('stats.timers.__proto__.upper'))[0]).toBe(7)
  expect((await kymo.values('stats.gauges.hasOwnProperty'))[0]).toBe(1)
  const found = await kymo.json<{ results: string[] }>('/metrics/expand?query=stats.counters.*.count')
  expect(found.results).toContain('stats.counters.__proto__.count')
})

test('lines that kill or poison other servers are counted by reason and nothing else is lost', async () => {
  const killers = [
    'a:1|c|@+1.5',
    'a:1|c|@Infinity',
    'a:1|c|@ 1',
    'a:1|c|@',
    'a:1|c|@-1',
    'a:1|c|@2',
    'a:1|c|@0',
    'a:1|c|@0x10',
    'a:NaN|g',
    'a:Infinity|c',
    'a:-Infinity|g',
    'a:1e999|g',
    'a:0x1F|g',
    'a: |g',
    '_e{-1,-1}:',
    '_e{99999999,1}:',
    '_sc|x|9',
    ':',
    '|',
    ':|',
    'a',
    'a:',
    'a:|',
    'a:1',
    'a:1|',
    'a:1|zz',
  ]
  const before = (await kymo.json<StatusLines>('/api/status')).lines
  for (const line of killers) await kymo.udp(`survivor:1|c\n${line}\n\nsurvivor:1|c`)
  await kymo.received(before.received + killers.length * 3)
  const after = (await kymo.json<StatusLines>('/api/status')).lines
  expect(after.rejected - before.rejected).toBe(killers.length)
  expect(after.received).toBe(after.accepted + after.rejected)
  await kymo.flush()
  expect(await kymo.values('stats.counters.survivor.count')).toEqual([killers.length * 2])
  expect(JSON.stringify(await kymo.render('stats.*.a.*'))).not.toMatch(/Infinity|NaN|1e9999/)
  // One sampled line of log, not one per line; what it quotes is escaped.
  expect(kymo.stderr.split('\n').filter((line) => line.includes('reject')).length).toBeLessThan(5)
})

test('find, expand, version, ready and the metrics page answer', async () => {
  const nodes = await kymo.json<{ text: string; leaf: number }[]>('/metrics/find?query=stats.counters.*')
  expect(nodes.map(({ text }) => text)).toContain('counter')
  expect((await kymo.json<{ results: string[] }>('/metrics/expand?query=stats.gauges.*')).results).toContain(
    'stats.gauges.gauge',
  )
  expect(await (await fetch(kymo.url('/version'))).text()).toMatch(/^\d+\.\d+\.\d+$/)
  expect((await fetch(kymo.url('/ready'))).status).toBe(200)
  const own = await (await fetch(kymo.url('/metrics'))).text()
  expect(own).toMatch(/^kymo_received_packets_total\{listener="statsd-udp"\} \d+$/m)
})

test('raw and csv are served, other formats are refused by name', async () => {
  const raw = await (await fetch(kymo.url('/render?target=stats.gauges.gauge&format=raw&from=-1min'))).text()
  expect(raw).toMatch(/^stats\.gauges\.gauge,\d+,\d+,10\|/)
  const csv = await (await fetch(kymo.url('/render?target=stats.gauges.gauge&format=csv&from=-1min'))).text()
  expect(csv).toMatch(/^stats\.gauges\.gauge,\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,/)
  const refused = await fetch(kymo.url('/render?target=stats.gauges.gauge&format=xlsx'))
  expect(refused.status).toBe(400)
  expect(await refused.text()).toContain('format')
})

test('the management console answers health and quit', async () => {
  expect(await kymo.tcp('health\nquit\n', 'admin')).toBe('health: up\n')
})

test('the page is served from this server alone', async () => {
  const response = await fetch(kymo.url('/'))
  expect(response.headers.get('content-type')).toContain('text/html')
  expect(response.headers.get('content-security-policy')).toContain("default-src 'self'")
  expect(await response.text()).not.toMatch(/https?:\/\//)
})

interface StatusLines {
  lines: { received: number; accepted: number; rejected: number }
}

async function accepted(listener: string): Promise<number> {
  const own = await (await fetch(kymo.url('/metrics'))).text()
  return Number(
    new RegExp(`^kymo_accepted_lines_total\\{listener="${listener}"\\} (\\d+)$`, 'm').exec(own)?.[1],
  )
}
