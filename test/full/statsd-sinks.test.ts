import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { cleanUp, KymoProcess, temporaryDirectory, until } from '../harness/kymo.ts'

// What one Kymo passes on to another, which has to come to the same numbers.
afterAll(cleanUp)

const LINES = [
  ...Array.from({ length: 100 }, (_, index) => `api.time:${index}|ms|#env:prod`),
  'api.sampled:8|ms|@0.5',
  'api.hits:3|c',
  'api.hits:2|c|@0.1',
  'queue:-7.5|g',
  'users:alice|s',
  'users:bob|s',
  'users:alice|s',
]

async function startWith(config: string): Promise<KymoProcess> {
  const directory = temporaryDirectory()
  writeFileSync(join(directory, 'kymo.yaml'), config)
  return await KymoProcess.start({ flushInterval: '10s', args: [join(directory, 'kymo.yaml')] })
}

test.each(['udp', 'tcp'])('a second Kymo comes to the same numbers, by %s', async (transport) => {
  const second = await KymoProcess.start({ flushInterval: '10s' })
  const port = second.port('statsd')
  const first = await startWith(
    [
      'sinks:',
      `- {type: statsd, host: 127.0.0.1, port: ${port}, transport: ${transport}, prefix: edge.}`,
      `- {type: statsd-repeater, destinations: ['127.0.0.1:${port}'], transport: ${transport}}`,
      '',
    ].join('\n'),
  )
  const acceptedBy = async (kymo: KymoProcess): Promise<number> =>
    (await kymo.json<{ lines: { accepted: number } }>('/api/status')).lines.accepted
  const accepted = (): Promise<number> => acceptedBy(second)
  // The repeater's connection, or what its name stands for, is there before the first line is.
  await until('what is received is passed on', async () => {
    await first.udp('probe:1|c')
    return (await accepted()) > 0
  })
  await first.udp(LINES.join('\n'))
  // A flush between two of the datagrams would divide what belongs together.
  await until('all of it is passed on', async () => (await accepted()) >= (await acceptedBy(first)))
  const passedOn = async (target: string): Promise<number[]> => {
    await second.flush()
    return await second.values(target)
  }
  await until('the repeated lines are there', async () =>
    (await passedOn('stats.timers.api.time.count;env=prod')).includes(100),
  )
  const repeatedCount = await accepted()
  await first.flush()
  let lastCount = repeatedCount
  await until('the flush is passed on', async () => {
    const before = lastCount
    lastCount = await accepted()
    return lastCount > repeatedCount && lastCount === before
  })
  await until('the flush is there', async () =>
    (await passedOn('stats.timers.edge.api.time.count;env=prod')).includes(100),
  )
  for (const prefix of ['', 'edge.']) {
    const largest = async (target: string): Promise<number> => Math.max(...(await passedOn(target)))
    expect(await largest(`stats.timers.${prefix}api.time.upper_90;env=prod`)).toBe(89)
    expect(await largest(`stats.timers.${prefix}api.time.mean;env=prod`)).toBe(49.5)
    expect(await largest(`stats.timers.${prefix}api.sampled.count`)).toBe(2)
    expect(await largest(`stats.counters.${prefix}api.hits.count`)).toBe(23)
    expect(await largest(`stats.sets.${prefix}users.count`)).toBe(2)
    expect(Math.min(...(await passedOn(`stats.gauges.${prefix}queue`)))).toBe(-7.5)
  }
  expect((await second.json<{ lines: { rejected: number } }>('/api/status')).lines.rejected).toBe(0)
})
