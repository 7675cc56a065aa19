import type { Readable } from 'node:stream'
import { describe, expect, test } from 'vitest'
import { KymoError } from '../../telemetry/errors.ts'
import { openTapStream } from '../tap-stream.ts'
import type { RouteContext, RouteRequest } from '../route.ts'
import type { TapNews } from '../../model/tap.ts'
import { FakeServices } from '../testdata/fake-services.ts'
import { tap } from './tap.ts'

function ask(parameters: Record<string, string>) {
  const services = new FakeServices()
  const handler = tap.handler({ services } as unknown as RouteContext)
  const lists = Object.fromEntries(Object.entries(parameters).map(([name, value]) => [name, [value]]))
  const answer = handler({ method: 'GET', parameters: lists } as unknown as RouteRequest)
  return { services, answer: answer as { body: Readable } }
}

const item = (key: string) => ({ kind: 'point', key, value: 1, timeMs: 2 }) as const

describe('/api/tap', () => {
  test.each([
    [{}, { stage: 'received', pattern: undefined, sink: undefined }],
    [
      { stage: 'aggregated', pattern: 'a.**' },
      { stage: 'aggregated', pattern: 'a.**', sink: undefined },
    ],
  ])('%j asks for %j', (parameters, question) => {
    const { services } = ask(parameters)
    expect([...services.taps.values()]).toEqual([question])
  })

  test.each([
    [{ stage: '' }],
    [{ stage: 'received:a' }],
    [{ stage: 'sent' }],
    [{ stage: 'sent:' }],
    [{ stage: 'sent:no such\nsink' }],
    [{ stage: 'elsewhere' }],
    [{ pattern: 'a'.repeat(1_001) }],
    [{ pattern: '{a,b}'.repeat(150) }],
  ])('%j is refused', (parameters) => {
    expect(() => ask(parameters)).toThrow(KymoError)
  })

  test('one who reads slowly is told what was left out, and holds nobody up', async () => {
    const services = new FakeServices()
    const stream = openTapStream(services, { stage: 'aggregated', pattern: undefined, sink: undefined })
    const [take] = services.taps.keys()
    const news = (count: number): TapNews => ({
      id: 1,
      leftOut: 0,
      items: Array.from({ length: count }, (_, index) => item(`a${index}`)),
    })
    for (let round = 0; round < 10; round++) take?.(news(1_000))
    expect(stream.readableLength).toBeLessThan(300 * 1_024)
    let text = ''
    stream.on('data', (chunk: Buffer) => (text += chunk.toString()))
    const shown = (): number => text.split('"point"').length - 1
    await expect.poll(() => stream.readableLength).toBe(0)
    take?.(news(1))
    await expect.poll(() => text).toContain('left_out')
    const { count } = JSON.parse(text.split('\n').find((line) => line.includes('left_out')) ?? '') as {
      count: number
    }
    expect(shown() + count).toBe(10_001)
    expect(count).toBeGreaterThan(1_000)
    stream.destroy()
    await expect.poll(() => services.taps.size).toBe(0)
  })

  test('ends when Kymo stops', async () => {
    const { services, answer } = ask({})
    const [take] = services.taps.keys()
    let hasEnded = false
    answer.body.on('end', () => (hasEnded = true)).resume()
    take?.(null)
    await expect.poll(() => hasEnded).toBe(true)
  })
})
