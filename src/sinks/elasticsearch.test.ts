import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { systemClock } from '../lib/clock.ts'
import { elasticsearchSink } from './elasticsearch.ts'
import type { Sink } from './sink.ts'
import { sinkConformance } from './sink.conformance.ts'
import {
  BATCH_TIME_MS,
  eventsOf,
  flushBatchOf,
  gaugesOf,
  pointBatchOf,
  TUTORIAL_BATCH,
} from './testdata/batches.ts'
import { HttpTestServer, type ReceivedRequest, type Reply } from './testdata/http-server.ts'
import { silentWorlds } from './testdata/silent-worlds.ts'
import { KeptLetters, testContext } from './testdata/sink-context.ts'

const { signal } = new AbortController()

interface Document {
  readonly '@timestamp': string
  readonly metric?: string
  readonly title?: string
  readonly tags: object
  readonly statistics?: Readonly<Record<string, number>>
}

/** As much of Elasticsearch as is written to: strict in what it takes, and every document is there once. */
class FakeElasticsearch {
  readonly templates = new Map<string, Record<string, unknown>>()
  readonly indices = new Map<string, Map<string, Document>>()
  /** What becomes of a document; undefined: it is taken. */
  verdict: (document: Document) => { status: number; error?: object } | undefined = () => undefined

  get documents(): Document[] {
    return [...this.indices.values()].flatMap((index) => [...index.values()])
  }

  reply = (request: ReceivedRequest): Reply => {
    const url = new URL(request.path, 'http://x')
    if (url.pathname.startsWith('/_index_template/')) return this.#putTemplate(request, url)
    if (url.pathname !== '/_bulk' || request.method !== 'POST') return { status: 405 }
    if (request.headers['content-type'] !== 'application/x-ndjson')
      return { status: 406, body: 'content type' }
    if (request.headers['content-encoding'] !== 'gzip') return { status: 406, body: 'not compressed' }
    const text = request.body.toString()
    if (!text.endsWith('\n')) return fail('The bulk request must be terminated by a newline [\\n]')
    const lines = text.slice(0, -1).split('\n')
    if (lines.length % 2 !== 0) return fail('an action without a document')
    const items = lines.flatMap((line, index) =>
      index % 2 === 0 ? [this.#create(line, lines[index + 1] ?? '')] : [],
    )
    const errors = items.some(({ create: { status } }) => status >= 300)
    return { status: 200, body: JSON.stringify({ errors, items }) }
  }

  #putTemplate({ method, headers, body }: ReceivedRequest, url: URL): Reply {
    const name = decodeURIComponent(url.pathname.slice('/_index_template/'.length))
    if (method !== 'PUT' || headers['content-type'] !== 'application/json') return { status: 405 }
    if (this.templates.has(name) && url.searchParams.get('create') === 'true')
      return fail(`index template [${name}] already exists`)
    this.templates.set(name, JSON.parse(body.toString()) as Record<string, unknown>)
    return { status: 200, body: '{"acknowledged":true}' }
  }

  #create(actionLine: string, documentLine: string): { create: { status: number; error?: object } } {
    const action = JSON.parse(actionLine) as { create?: { _index?: string; _id?: string } }
    const document = JSON.parse(documentLine) as Document
    const { _index: index = '', _id: id = '' } = action.create ?? {}
    const problem = problemOf(index, id, document)
    if (problem !== undefined)
      return { create: { status: 400, error: { type: 'mapper_parsing_exception', reason: problem } } }
    const verdict = this.verdict(document)
    if (verdict !== undefined) return { create: verdict }
    const documents = this.indices.get(index) ?? new Map<string, Document>()
    this.indices.set(index, documents)
    if (documents.has(id))
      return {
        create: { status: 409, error: { type: 'version_conflict_engine_exception', reason: 'exists' } },
      }
    documents.set(id, document)
    return { create: { status: 201 } }
  }
}

function problemOf(index: string, id: string, document: Document): string | undefined {
  if (!/^[a-z0-9][a-z0-9.-]*$/.test(index)) return `a bad index: ${index}`
  if (id === '' || id.length > 512) return 'a bad id'
  if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/.test(document['@timestamp'])) return 'a bad time'
  for (const object of [document, document.tags, document.statistics ?? {}])
    for (const key of Object.keys(object)) {
      if (key.trim() === '' || key.includes('.')) return `a bad key: "${key}"`
    }
  for (const value of Object.values(document.statistics ?? {}))
    if (typeof value !== 'number') return 'a statistic that is no number'
  return undefined
}

const fail = (reason: string): Reply => ({
  status: 400,
  body: JSON.stringify({
    error: { root_cause: [{ type: 'illegal_argument_exception', reason }] },
    status: 400,
  }),
})

let letters = new KeptLetters()

function sinkAt(url: string, options: object = {}): Promise<Sink> {
  const parsed = elasticsearchSink.options.parse({ type: 'elasticsearch', url, ...options })
  return elasticsearchSink.create(parsed, testContext({ clock: systemClock, deadLetters: letters }))
}

sinkConformance('elasticsearch', {
  async working() {
    const elasticsearch = new FakeElasticsearch()
    const server = await HttpTestServer.start(elasticsearch.reply)
    return {
      sink: await sinkAt(server.url),
      arrivedPoints: () =>
        elasticsearch.documents.reduce(
          (sum, { statistics }) => sum + (statistics === undefined ? 1 : Object.keys(statistics).length),
          0,
        ),
      release: () => server.stop(),
    }
  },
  ...silentWorlds((url) => sinkAt(url)),
})

describe('the elasticsearch sink', () => {
  let elasticsearch: FakeElasticsearch
  let server: HttpTestServer
  let sink: Sink

  beforeEach(async () => {
    letters = new KeptLetters()
    elasticsearch = new FakeElasticsearch()
    server = await HttpTestServer.start(elasticsearch.reply)
    sink = await sinkAt(server.url)
  })

  afterEach(async () => {
    await sink.close()
    await server.stop()
  })

  const paths = (): string[] => server.requests.map(({ method, path }) => `${method} ${path.split('?')[0]}`)

  test('writes a document per metric, one per point and one per event', async () => {
    await sink.flush?.(TUTORIAL_BATCH, signal)
    await sink.points?.(pointBatchOf(['x', 'site.visits;page=a b']), signal)
    await sink.events?.([{ ...eventsOf(['deploy'])[0]!, hostname: 'web1' }], signal)
    const flushed = { '@timestamp': '2023-11-14T22:13:20.000Z', interval_ms: 10_000 }
    expect([...(elasticsearch.indices.get('metrics-kymo-default')?.values() ?? [])]).toEqual([
      { ...flushed, metric: 'counter', type: 'counter', tags: {}, statistics: { count: 10, rate: 1 } },
      {
        ...flushed,
        metric: 'timer',
        type: 'timer',
        tags: { env: 'prod' },
        statistics: { count: 5, upper: 4, upper_99_9: 4, mean_top10: 3.5 },
      },
      { ...flushed, metric: 'gauge', type: 'gauge', tags: {}, statistics: { value: 4 } },
      {
        '@timestamp': '2023-11-14T22:13:20.000Z',
        metric: 'x',
        type: 'untyped',
        tags: {},
        statistics: { value: 0 },
      },
      {
        '@timestamp': '2023-11-14T22:13:20.250Z',
        metric: 'site.visits',
        type: 'untyped',
        tags: { page: 'a b' },
        statistics: { value: 1 },
      },
    ])
    expect([...(elasticsearch.indices.get('events-kymo-default')?.values() ?? [])]).toEqual([
      {
        '@timestamp': '2023-11-14T22:13:20.000Z',
        kind: 'event',
        title: 'deploy',
        text: 'deploy',
        tags: ['key:deploy'],
        hostname: 'web1',
      },
    ])
  })

  test('puts the template once, before the first documents, and leaves one that is there', async () => {
    await sink.flush?.(gaugesOf(['a']), signal)
    await sink.flush?.(gaugesOf(['a'], BATCH_TIME_MS + 10_000), signal)
    expect(paths()).toEqual(['PUT /_index_template/kymo', 'POST /_bulk', 'POST /_bulk'])
    elasticsearch.templates.set('kymo', { mine: true })
    const second = await sinkAt(server.url)
    await second.flush?.(gaugesOf(['b']), signal)
    await second.close()
    expect(elasticsearch.templates.get('kymo')).toEqual({ mine: true })
    expect(elasticsearch.documents).toHaveLength(3)
  })

  test('has a template that says what is asked for', async () => {
    sink = await sinkAt(server.url, {
      shards: 3,
      replicas: 0,
      lifecycle: 'thirty-days',
      template: 'my metrics',
    })
    await sink.flush?.(gaugesOf(['a']), signal)
    expect(elasticsearch.templates.get('my metrics')).toMatchObject({
      index_patterns: ['metrics-kymo-default', 'events-kymo-default'],
      data_stream: {},
      priority: 200,
      template: {
        settings: {
          'index.number_of_shards': 3,
          'index.number_of_replicas': 0,
          'index.lifecycle.name': 'thirty-days',
        },
        mappings: { properties: { '@timestamp': { type: 'date' }, metric: { type: 'keyword' } } },
      },
    })
  })

  test('puts no template if it is told so, and waits if it is refused', async () => {
    sink = await sinkAt(server.url, { put_template: false })
    await sink.flush?.(gaugesOf(['a']), signal)
    expect(paths()).toEqual(['POST /_bulk'])
    server.reply = (request) => (request.method === 'PUT' ? fail('unknown setting') : { status: 500 })
    const second = await sinkAt(server.url)
    await expect(Promise.resolve(second.flush?.(gaugesOf(['a']), signal))).rejects.toMatchObject({
      code: 'sink-denied',
      isRetryable: true,
      message: expect.stringContaining('unknown setting') as string,
    })
    await second.close()
  })

  test('writes to an index of the day, by each document\u2019s own time', async () => {
    sink = await sinkAt(server.url, {
      data_stream: false,
      index: 'kymo-{yyyy.MM.dd}',
      events_index: 'e{yyyy}-{MM}-{HH}',
    })
    await sink.flush?.(gaugesOf(['a']), signal)
    await sink.flush?.(gaugesOf(['a'], BATCH_TIME_MS + 86_400_000), signal)
    await sink.events?.(eventsOf(['x']), signal)
    expect([...elasticsearch.indices.keys()]).toEqual(['kymo-2023.11.14', 'kymo-2023.11.15', 'e2023-11-22'])
    expect(elasticsearch.templates.get('kymo')).toMatchObject({ index_patterns: ['kymo-*', 'e*-*-*'] })
    expect(elasticsearch.templates.get('kymo')).not.toHaveProperty('data_stream')
  })

  test.each(['', 'A', '_a', '-a', 'a b', 'a*', 'a{yyyy', 'a{x}', 'a,b', 'x'.repeat(201)])(
    'does not take "%s" for an index',
    (index) => {
      expect(elasticsearchSink.options.safeParse({ type: 'elasticsearch', index }).success).toBe(false)
    },
  )

  test.each([
    [{ api_key: 'abc==' }, 'ApiKey abc=='],
    [{ token: 't' }, 'Bearer t'],
    [{ username: 'u', password: 'p' }, `Basic ${Buffer.from('u:p').toString('base64')}`],
    [{}, undefined],
  ])('%j is authorised by %s', async (options, wanted) => {
    sink = await sinkAt(server.url, options)
    await sink.flush?.(gaugesOf(['a']), signal)
    expect(server.requests.map(({ headers }) => headers.authorization)).toEqual([wanted, wanted])
  })

  test('sends what was refused for now again, and only that', async () => {
    const batch = gaugesOf(['a', 'b', 'c'])
    elasticsearch.verdict = ({ metric }) =>
      metric === 'b'
        ? { status: 429, error: { type: 'es_rejected_execution_exception', reason: 'rejected' } }
        : undefined
    await expect(Promise.resolve(sink.flush?.(batch, signal))).rejects.toMatchObject({
      code: 'sink-busy',
      isRetryable: true,
      message: expect.stringContaining('es_rejected_execution_exception') as string,
    })
    elasticsearch.verdict = () => undefined
    expect(await sink.flush?.(batch, signal)).toMatchObject({ refusedPoints: 0 })
    expect(server.bodies.at(-1)?.split('\n')).toHaveLength(3)
    expect(elasticsearch.documents.map(({ metric }) => metric)).toEqual(['a', 'c', 'b'])
  })

  test('gives up what can never be taken, and goes on', async () => {
    elasticsearch.verdict = ({ metric }) =>
      metric === 'b'
        ? { status: 400, error: { type: 'mapper_parsing_exception', reason: 'no double' } }
        : undefined
    expect(await sink.flush?.(gaugesOf(['a', 'b', 'c']), signal)).toMatchObject({ refusedPoints: 1 })
    expect(letters.letters).toMatchObject([
      { reason: '400: mapper_parsing_exception: no double', item: { metric: 'b' } },
    ])
    expect(elasticsearch.documents).toHaveLength(2)
  })

  test('has every document once, if the answer to it was lost', async () => {
    // On the connection that was kept, and on the one that takes its place.
    let lost = 2
    server.reply = (request, response) => {
      const reply = elasticsearch.reply(request)
      if (lost === 0 || request.method === 'PUT') return reply
      lost -= 1
      response.destroy()
      return undefined
    }
    const batch = gaugesOf(['a', 'b'])
    await expect(Promise.resolve(sink.flush?.(batch, signal))).rejects.toMatchObject({
      code: 'sink-unreachable',
    })
    expect(await sink.flush?.(batch, signal)).toMatchObject({ refusedPoints: 0 })
    expect(elasticsearch.documents).toHaveLength(2)
  })

  test('takes no other answer for a yes', async () => {
    server.reply = (request) =>
      request.method === 'PUT' ? { status: 200 } : { status: 200, body: '<html>Sign in' }
    await expect(Promise.resolve(sink.flush?.(gaugesOf(['a']), signal))).rejects.toMatchObject({
      code: 'sink-denied',
    })
    server.reply = () => ({ status: 200, body: '{"errors":true,"items":[]}' })
    await expect(Promise.resolve(sink.flush?.(gaugesOf(['a']), signal))).rejects.toMatchObject({
      code: 'sink-denied',
    })
  })

  test('renames keys that would be sections, and leaves out what is no number', async () => {
    const result = await sink.flush?.(
      flushBatchOf([
        { metricKey: 'a;x.y=1; =2', type: 'timer', statistic: 'upper', value: 1 },
        { metricKey: 'b', type: 'gauge', statistic: 'value', value: Number.NaN },
      ]),
      signal,
    )
    expect(result).toMatchObject({ refusedPoints: 1 })
    expect(elasticsearch.documents).toMatchObject([{ tags: { x_y: '1', _: '2' } }])
    expect(letters.letters).toMatchObject([{ reason: 'the value is not a finite number' }])
  })

  test('sends documents through a pipeline', async () => {
    sink = await sinkAt(server.url, { pipeline: 'geo ip' })
    await sink.flush?.(gaugesOf(['a']), signal)
    expect(server.requests.at(-1)?.path).toContain('pipeline=geo+ip')
  })
})
