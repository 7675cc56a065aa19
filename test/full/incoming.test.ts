import { setTimeout as wait } from 'node:timers/promises'
import { afterAll, expect, test } from 'vitest'
import { cleanUp, KymoProcess, until } from '../harness/kymo.ts'

afterAll(cleanUp)

interface Line {
  readonly line: string
  readonly sender: string
  readonly listener: string
  readonly outcome: string
  readonly metrics: readonly { readonly key: string; readonly type: string }[]
  readonly reason: string | null
}

/** The threads go on for so long after somebody asked. */
const WATCH_MS = 5_000

test('who watches sees lines, what they become and who sent them; when nobody does, nothing is kept', async () => {
  const kymo = await KymoProcess.start()
  const look = async (after = 0) =>
    await kymo.json<{ lines: Line[]; lastId: number }>(`/api/incoming?after=${after}`)
  await kymo.udp('before.anybody:1|c')
  // The thread of streams is started by the first that comes.
  await kymo.tcp(`before.anybody 1 ${Math.floor(Date.now() / 1_000)}\n`, 'graphite')
  await kymo.received(2)
  expect((await look()).lines).toEqual([])

  // The threads hear of it a moment after the answer.
  await until('they have begun', async () => {
    await kymo.udp('is.it.on:1|c')
    return (await look()).lines.length > 0
  })
  await wait(1_100)
  const begun = (await look()).lastId

  // Two times over: the second is of a line that is known.
  for (const _ of [1, 2]) await kymo.udp('shop.checkout:3|c\nshop.broken:x|g\n')
  await kymo.tcp(`shop.plain 1 ${Math.floor(Date.now() / 1_000)}\n`, 'graphite')
  await until('all is shown', async () => (await look(begun)).lines.length >= 5)
  const { lines, lastId } = await look(begun)
  const told = lines.map(({ line, outcome, metrics, reason, listener }) => ({
    line: line.replace(/ \d+$/, ''),
    outcome,
    metrics,
    reason,
    listener,
  }))
  const good = {
    line: 'shop.checkout:3|c',
    outcome: 'metric',
    metrics: [{ key: 'shop.checkout', type: 'counter' }],
    reason: null,
    listener: 'statsd-udp',
  }
  const bad = {
    line: 'shop.broken:x|g',
    outcome: 'rejected',
    metrics: [],
    reason: 'bad_number',
    listener: 'statsd-udp',
  }
  const plain = {
    line: 'shop.plain 1',
    outcome: 'metric',
    metrics: [{ key: 'shop.plain', type: 'untyped' }],
    reason: null,
    listener: 'graphite-tcp',
  }
  expect(told.filter(({ listener }) => listener === 'statsd-udp')).toEqual([good, bad, good, bad])
  expect(told.filter(({ listener }) => listener === 'graphite-tcp')).toEqual([plain])
  for (const { sender } of lines) expect(sender).toMatch(/^(127\.0\.0\.1|\[::1\]):\d+$/)

  await wait(WATCH_MS + 500)
  const { received } = (await kymo.json<{ lines: { received: number } }>('/api/status')).lines
  await kymo.udp('nobody.watches:1|c\nnobody\n')
  await kymo.received(received + 2)
  expect((await look(lastId)).lines).toEqual([])
})
