import type { Readable } from 'node:stream'
import { expect, test, vi } from 'vitest'
import { FakeClock } from '../lib/fake-clock.ts'
import { createAnswerStreams } from './answer-streams.ts'
import type { QueryAnswer } from './services.ts'

const BODY = { contentType: 'text/plain', body: new Uint8Array(1) }

function large(): { answer: QueryAnswer; hasStopped: () => boolean } {
  let hasStopped = false
  async function* rest(): AsyncGenerator<Uint8Array> {
    try {
      for (;;) yield new Uint8Array(1_000)
    } finally {
      hasStopped = true
    }
  }
  return { answer: { ...BODY, rest: rest() }, hasStopped: () => hasStopped }
}

function setUp() {
  const clock = new FakeClock()
  return { clock, streams: createAnswerStreams({ most: 2, maxMs: 60_000, clock }) }
}

/** One that has been begun to be read. */
async function begin({ rest }: QueryAnswer) {
  const stream = rest as Readable
  // The one that ends it is told; a test looks at it by itself.
  stream.on('error', () => {})
  await new Promise((resolve) => stream.once('readable', resolve))
  return stream
}

test('answers that are whole are not counted', () => {
  const { streams } = setUp()
  for (let index = 0; index < 10; index++) expect(streams.admit(BODY)).toBe(BODY)
})

test('there are as many large ones at once as may, and others when these are out', async () => {
  const { streams } = setUp()
  const first = await begin(streams.admit(large().answer))
  await begin(streams.admit(large().answer))
  const refused = large()
  expect(() => streams.admit(refused.answer)).toThrow(
    expect.objectContaining({ code: 'server-busy' }) as Error,
  )
  first.destroy()
  await vi.waitUntil(() => first.closed)
  await begin(streams.admit(large().answer))
})

test('one that takes too long ends with an error, and is made no more', async () => {
  const { clock, streams } = setUp()
  const { answer, hasStopped } = large()
  const stream = await begin(streams.admit(answer))
  const failed = new Promise((resolve) => stream.once('error', resolve))
  clock.advance(60_000)
  expect(await failed).toMatchObject({ code: 'query-too-long' })
  await vi.waitUntil(hasStopped)
})
