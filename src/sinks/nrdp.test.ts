import { describe, expect, test } from 'vitest'
import { systemClock } from '../lib/clock.ts'
import type { KymoError } from '../telemetry/errors.ts'
import { createSink } from './create-sink.ts'
import { sinkOptions } from './options.ts'
import type { Sink } from './sink.ts'
import { sinkConformance } from './sink.conformance.ts'
import { gaugesOf, HOSTILE_NAMES } from './testdata/batches.ts'
import { HttpTestServer } from './testdata/http-server.ts'
import { silentWorlds } from './testdata/silent-worlds.ts'
import { testContext } from './testdata/sink-context.ts'

const signal = new AbortController().signal
const TAKEN = {
  status: 200,
  body: '{"result":{"status":0,"message":"OK","meta":{"output":"1 checks processed."}}}',
}

function nrdpSink(url: string, options: object = {}): Promise<Sink> {
  const checks = [{ match: '**', host: 'kymo', service: '$1', warning: '1', critical: '2' }]
  return createSink(
    sinkOptions.parse({ type: 'nrdp', url: `${url}/nrdp/`, token: 'sesame', checks, ...options }),
    testContext({ clock: systemClock }),
  )
}

interface Result {
  readonly hostname: string
  readonly servicename: string
  readonly state: string
  readonly output: string
}

function resultsIn(body: string): Result[] {
  const form = new URLSearchParams(body)
  expect([form.get('cmd'), form.get('token')]).toEqual(['submitcheck', 'sesame'])
  return (JSON.parse(form.get('json') ?? '') as { checkresults: Result[] }).checkresults
}

sinkConformance('nrdp', {
  async working() {
    const server = await HttpTestServer.start(() => TAKEN)
    return {
      sink: await nrdpSink(server.url),
      arrivedPoints: () => server.bodies.flatMap(resultsIn).length,
      release: () => server.stop(),
    }
  },
  ...silentWorlds((url) => nrdpSink(url)),
})

describe('the nrdp sink', () => {
  test('sends a form of results, so many in one', async () => {
    const server = await HttpTestServer.start(() => TAKEN)
    const sink = await nrdpSink(server.url, { max_results: 2, concurrency: 1 })
    await sink.flush?.(gaugesOf(['a', 'b', 'c']), signal)
    expect(
      server.requests.map(({ method, path, headers }) => [method, path, headers['content-type']]),
    ).toEqual([
      ['POST', '/nrdp/', 'application/x-www-form-urlencoded'],
      ['POST', '/nrdp/', 'application/x-www-form-urlencoded'],
    ])
    expect(server.bodies.map(resultsIn)).toEqual([
      [
        {
          checkresult: { type: 'service', checktype: '1' },
          hostname: 'kymo',
          servicename: 'stats.gauges.a',
          state: '0',
          output: "OK - stats.gauges.a is 0|'stats.gauges.a'=0;1;2",
        },
        expect.objectContaining({ servicename: 'stats.gauges.b', state: '0' }),
      ],
      [expect.objectContaining({ servicename: 'stats.gauges.c', state: '1' })],
    ])
    await sink.close()
    await server.stop()
  })

  test('writes XML for those that know no JSON, which no name breaks', async () => {
    const server = await HttpTestServer.start(() => ({
      status: 200,
      body: '<?xml version="1.0"?><result><status>0</status><message>OK</message></result>',
    }))
    const sink = await nrdpSink(server.url, { format: 'xml' })
    await sink.flush?.(gaugesOf(HOSTILE_NAMES), signal)
    const xml = new URLSearchParams(server.bodies[0]).get('XMLDATA') ?? ''
    expect(xml.match(/<checkresult type='service' checktype='1'>/g)).toHaveLength(HOSTILE_NAMES.length)
    // Nothing is between the elements, and no text has an element in it.
    const element =
      /<checkresult type='service' checktype='1'><hostname>[^<>]+<\/hostname><servicename>[^<>]+<\/servicename><state>\d<\/state><output>[^<>]+<\/output><\/checkresult>/g
    expect(xml.replace(element, '')).toBe("<?xml version='1.0'?><checkresults></checkresults>")
    await sink.close()
    await server.stop()
  })

  test.each([
    ['{"result":{"status":-1,"message":"BAD TOKEN"}}', 'sink-denied', 'BAD TOKEN'],
    ['<result><status>-1</status><message>NO TOKEN</message></result>', 'sink-denied', 'NO TOKEN'],
    ['{"result":{"status":"1","message":"NO REQUEST HANDLER"}}', 'sink-busy', 'NO REQUEST HANDLER'],
  ])('tries again when it is answered %s', async (body, code, reason) => {
    const server = await HttpTestServer.start(() => ({ status: 200, body }))
    const sink = await nrdpSink(server.url)
    const error = await Promise.resolve(sink.flush?.(gaugesOf(['a']), signal)).catch(
      (thrown: unknown) => thrown,
    )
    expect(error).toMatchObject({ code, isRetryable: true })
    expect((error as KymoError).message).toContain(reason)
    await sink.close()
    await server.stop()
  })
})
