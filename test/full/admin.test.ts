import { afterAll, expect, test } from 'vitest'
import { cleanUp, KymoProcess } from '../harness/kymo.ts'

afterAll(cleanUp)

test('the console shows what came in this interval, and deletes only when it may', async () => {
  const kymo = await KymoProcess.start({ flushInterval: '1d', env: { KYMO_ADMIN_WRITABLE: 'true' } })
  await kymo.udp('a.b:3|c\na.b:4|c\na.c:1|c\n__proto__:1|c\nlevel:5|g\nlevel:+2|g\ntook:10|ms\ntook:20|ms')
  await kymo.received(8)
  const ask = (command: string) => kymo.tcp(`${command}\nquit\n`, 'admin')
  expect(await ask('counters')).toBe("{ 'a.b': 7, 'a.c': 1, ['__proto__']: 1 }\nEND\n\n")
  expect(await ask('gauges')).toBe('{ level: 7 }\nEND\n\n')
  expect(await ask('timers')).toBe('{ took: [ 10, 20 ] }\nEND\n\n')
  // What was shown is still in the open interval.
  await kymo.udp('a.b:1|c')
  await kymo.received(9)
  expect(await ask('counters')).toContain("'a.b': 8")
  expect(await ask('delcounters a.* nope')).toBe('deleted: a.b\ndeleted: a.c\nmetric nope not found\nEND\n\n')
  expect(await ask('counters')).toBe("{ ['__proto__']: 1 }\nEND\n\n")
  expect(await ask('stats')).toMatch(
    /^uptime: \d+\nmessages\.last_msg_seen: \d\nmessages\.bad_lines_seen: 0\nEND\n\n$/,
  )
  expect(await ask('config')).toContain('admin > writable: true\n')
  await kymo.flush()
  const values = async (target: string) =>
    ((await kymo.render(target, '-1d', '+2d'))[0]?.datapoints ?? [])
      .map(([value]) => value)
      .filter((value) => value !== null)
  expect(await values('stats.counters.__proto__.count')).toEqual([1])
  expect(await values('stats.counters.a.b.count')).toEqual([])
  expect(await values('stats.timers.took.count')).toEqual([2])
})

test('unless it is allowed, nothing can be deleted', async () => {
  const kymo = await KymoProcess.start()
  await kymo.udp('kept:1|c')
  await kymo.received(1)
  expect(await kymo.tcp('delcounters kept\nquit\n', 'admin')).toMatch(
    /^ERROR: delcounters is not allowed here/,
  )
})
