import { createHash, createHmac } from 'node:crypto'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { FakeClock } from '../lib/fake-clock.ts'
import type { FlushBatch } from '../model/flush-batch.ts'
import type { TimerDetail } from '../model/flush-details.ts'
import { KymoError } from '../telemetry/errors.ts'
import { cloudwatchSink } from './cloudwatch.ts'
import type { Sink } from './sink.ts'
import { sinkConformance } from './sink.conformance.ts'
import {
  BATCH_TIME_MS,
  flushBatchOf,
  gaugesOf,
  pointBatchOf,
  type ReadingSpec,
  TUTORIAL_BATCH,
} from './testdata/batches.ts'
import { HttpTestServer, type ReceivedRequest } from './testdata/http-server.ts'
import { silentWorlds } from './testdata/silent-worlds.ts'
import { KeptLetters, testContext } from './testdata/sink-context.ts'

const { signal } = new AbortController()
const KEY = 'AKIDEXAMPLE'
const SECRET = 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY'
const REGION = 'eu-central-1'

interface Datum {
  readonly MetricName: string
  readonly Timestamp: number
  readonly Dimensions?: readonly { readonly Name: string; readonly Value: string }[]
  readonly Value?: number
  readonly Unit?: string
  readonly StorageResolution: number
  readonly StatisticValues?: Readonly<Record<'SampleCount' | 'Sum' | 'Minimum' | 'Maximum', number>>
  readonly Values?: readonly number[]
  readonly Counts?: readonly number[]
}

/** Batches are of 2023, and CloudWatch takes nothing so old. */
const clock = new FakeClock(BATCH_TIME_MS)

function sinkAt(
  url: string,
  options: object = {},
  letters = new KeptLetters(),
  ownClock = clock,
): Promise<Sink> {
  const parsed = cloudwatchSink.options.parse({
    type: 'cloudwatch',
    region: REGION,
    access_key_id: KEY,
    secret_access_key: SECRET,
    url,
    ...options,
  })
  return cloudwatchSink.create(parsed, testContext({ clock: ownClock, deadLetters: letters }))
}

/**
 * What PutMetricData takes, as its published description says. Throws where a request is anything else: signed wrongly, too large, or with a datum
 * that CloudWatch refuses.
 */
function dataIn(request: ReceivedRequest, wireBytes: Buffer): Datum[] {
  const { headers, body } = request
  const claim = (isRight: boolean, what: string): void => {
    if (!isRight) throw new Error(what)
  }
  claim(request.method === 'POST' && request.path === '/', 'the wrong address')
  claim(headers['x-amz-target'] === 'GraniteServiceVersion20100801.PutMetricData', 'the wrong target')
  claim(headers['content-type'] === 'application/x-amz-json-1.0', 'the wrong type')
  claim(headers.authorization === signatureOf(request, wireBytes), 'the wrong signature')
  claim(body.length <= 1_000_000, 'too large')
  const { Namespace, MetricData } = JSON.parse(body.toString()) as { Namespace: string; MetricData: Datum[] }
  claim(/^[\w.\-/#: ]{1,255}$/.test(Namespace) && !Namespace.startsWith('AWS/'), 'the namespace')
  claim(MetricData.length <= 1_000 && MetricData.length > 0, 'too many')
  for (const {
    MetricName,
    Dimensions = [],
    Value,
    StatisticValues,
    Values = [],
    Counts,
    Timestamp,
    StorageResolution,
  } of MetricData) {
    const isText = (text: string, most: number): boolean =>
      text.length > 0 && text.length <= most && /^[\x20-\x7e]*$/.test(text) && text.trim() !== ''
    claim(isText(MetricName, 255), `the name ${MetricName}`)
    claim(Dimensions.length <= 30, 'too many dimensions')
    for (const dimension of Dimensions)
      claim(
        isText(dimension.Name, 255) && isText(dimension.Value, 1024) && !dimension.Name.startsWith(':'),
        `the dimension ${dimension.Name}`,
      )
    const numbers = [
      ...Object.values(StatisticValues ?? {}),
      ...Values,
      ...(Counts ?? []),
      ...(Value === undefined ? [] : [Value]),
    ]
    claim(
      numbers.length > 0 && numbers.every((value) => Number.isFinite(value) && Math.abs(value) <= 2 ** 360),
      'the values',
    )
    claim(Values.length <= 150 && (Counts ?? Values).length === Values.length, 'the counts')
    claim(StatisticValues === undefined || StatisticValues.SampleCount > 0, 'statistics of nothing')
    claim(
      Number.isFinite(Timestamp) && (StorageResolution === 1 || StorageResolution === 60),
      'time or resolution',
    )
  }
  return MetricData
}

/** Signature Version 4, worked out anew from what arrived. */
function signatureOf({ headers, path }: ReceivedRequest, body: Buffer): string {
  const [, scope = '', signed = ''] =
    /^AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE\/([^,]+), SignedHeaders=([^,]+), Signature=[0-9a-f]{64}$/.exec(
      headers.authorization ?? '',
    ) ?? []
  const hash = (text: string | Buffer): string => createHash('sha256').update(text).digest('hex')
  const mac = (key: string | Buffer, text: string): Buffer => createHmac('sha256', key).update(text).digest()
  const names = signed.split(';')
  if (!['host', 'x-amz-date', 'x-amz-target'].every((name) => names.includes(name)))
    throw new Error(`signed: ${signed}`)
  const lines = names.map((name) => `${name}:${String(headers[name]).trim().replace(/ +/g, ' ')}\n`).join('')
  const canonical = ['POST', path, '', lines, signed, hash(body)].join('\n')
  const [date = '', region = ''] = scope.split('/')
  if (scope !== `${date}/${REGION}/monitoring/aws4_request`) throw new Error(`the scope ${scope}`)
  const toSign = ['AWS4-HMAC-SHA256', headers['x-amz-date'], scope, hash(canonical)].join('\n')
  const key = mac(mac(mac(mac(`AWS4${SECRET}`, date), region), 'monitoring'), 'aws4_request')
  const signature = mac(key, toSign).toString('hex')
  return `AWS4-HMAC-SHA256 Credential=${KEY}/${scope}, SignedHeaders=${signed}, Signature=${signature}`
}

const pointsIn = ({ requests }: HttpTestServer): Datum[] =>
  requests.flatMap((request) => dataIn(request, request.wireBody))

const OK = (): { status: number; headers: Record<string, string>; body: string } => ({
  status: 200,
  headers: { 'content-type': 'application/x-amz-json-1.0' },
  body: '{}',
})

/** How many series of the batches of the conformance suite a datum stands for. */
const seriesOf = ({ Unit, StatisticValues }: Datum): number =>
  StatisticValues !== undefined ? 4 : Unit === 'Count' ? 2 : 1

sinkConformance('cloudwatch', {
  async working() {
    const server = await HttpTestServer.start(OK)
    return {
      sink: await sinkAt(server.url),
      arrivedPoints: () => pointsIn(server).reduce((sum, datum) => sum + seriesOf(datum), 0),
      release: () => server.stop(),
    }
  },
  ...silentWorlds((url) => sinkAt(url)),
})

describe('the cloudwatch sink', () => {
  let server: HttpTestServer
  let letters: KeptLetters
  const sinks: Sink[] = []

  beforeEach(async () => {
    server = await HttpTestServer.start(OK)
    letters = new KeptLetters()
  })

  afterEach(async () => {
    await Promise.all(sinks.splice(0).map((sink) => sink.close()))
    await server.stop()
  })

  async function sinkOf(options: object = {}, ownClock = clock): Promise<Sink> {
    const sink = await sinkAt(server.url, options, letters, ownClock)
    sinks.push(sink)
    return sink
  }

  async function sent(batch: FlushBatch, options: object = {}): Promise<Datum[]> {
    await (await sinkOf(options)).flush?.(batch, signal)
    return pointsIn(server)
  }

  const Timestamp = BATCH_TIME_MS / 1_000

  test('sends a datum for each metric', async () => {
    expect(await sent(TUTORIAL_BATCH)).toEqual([
      { MetricName: 'counter', Timestamp, StorageResolution: 60, Value: 10, Unit: 'Count' },
      {
        MetricName: 'timer',
        Timestamp,
        StorageResolution: 60,
        Dimensions: [{ Name: 'env', Value: 'prod' }],
        StatisticValues: { SampleCount: 5, Sum: 0, Minimum: 0, Maximum: 4 },
      },
      { MetricName: 'gauge', Timestamp, StorageResolution: 60, Value: 4 },
    ])
    expect(JSON.parse(server.bodies[0] ?? '')).toMatchObject({ Namespace: 'Kymo' })
  })

  function timer(detail: Partial<TimerDetail> | undefined, count = 3): FlushBatch {
    const specs: ReadingSpec[] = [
      { metricKey: 't', type: 'timer', statistic: 'count', value: count },
      { metricKey: 't', type: 'timer', statistic: 'sum', value: 60 },
      { metricKey: 't', type: 'timer', statistic: 'lower', value: 10 },
      { metricKey: 't', type: 'timer', statistic: 'upper', value: 30 },
    ]
    const timers =
      detail === undefined
        ? []
        : [{ metricKey: 't', kind: 'timing', values: new Float64Array(), ...detail } as const]
    return { ...flushBatchOf(specs), details: { timers, sets: [] } }
  }

  test.each<[string, FlushBatch, object]>([
    [
      'its statistics',
      timer(undefined),
      { StatisticValues: { SampleCount: 3, Sum: 60, Minimum: 10, Maximum: 30 } },
    ],
    [
      'its values',
      timer({ values: Float64Array.of(1, -4, 2), weights: Float64Array.of(1, 1, 10) }),
      { Unit: 'Milliseconds', StatisticValues: { SampleCount: 12, Sum: 17, Minimum: -4, Maximum: 2 } },
    ],
  ])('a timer is a statistic set of %s', async (_what, batch, wanted) => {
    expect(await sent(batch)).toMatchObject([{ MetricName: 't', ...wanted }])
  })

  test('an idle timer is left out', async () => {
    expect(await sent(timer(undefined, 0))).toEqual([])
  })

  test('as values, a timer is each different one and how often it came', async () => {
    const values = Float64Array.of(3, 1, 3, 0)
    expect(await sent(timer({ values, kind: 'histogram' }), { timers: 'values' })).toMatchObject([
      { Values: [3, 1, 0], Counts: [2, 1, 1] },
    ])
  })

  test('of more values than CloudWatch takes, those that are near to each other are one', async () => {
    const values = Float64Array.from(
      { length: 2_000 },
      (_, index) => 1.01 ** index * (index % 2 === 0 ? 1 : -1),
    )
    const [{ Values = [], Counts = [] } = {} as Datum] = await sent(timer({ values }), { timers: 'values' })
    expect(Values.length).toBeGreaterThan(75)
    expect(Values.length).toBeLessThanOrEqual(150)
    expect(Counts.reduce((a, b) => a + b)).toBe(2_000)
  })

  test('points have their own times', async () => {
    await (await sinkOf({ high_resolution: true })).points?.(pointBatchOf(['a', 'b;k=v']), signal)
    expect(pointsIn(server)).toMatchObject([
      { MetricName: 'a', Timestamp, Value: 0, StorageResolution: 1 },
      { MetricName: 'b', Timestamp: Timestamp + 0.25, Value: 1, Dimensions: [{ Name: 'k', Value: 'v' }] },
    ])
  })

  test('what CloudWatch would refuse is left out, with the reason', async () => {
    const tags = (count: number): string =>
      Array.from({ length: count }, (_, index) => `;k${index}=v`).join('')
    const gauge = (metricKey: string, value = 1): ReadingSpec => ({
      metricKey,
      type: 'gauge',
      statistic: 'value',
      value,
    })
    const result = await (await sinkOf()).flush?.(
      flushBatchOf([
        gauge('largest', 2 ** 360),
        gauge('too.large', 2 ** 361),
        gauge('infinite', Number.NEGATIVE_INFINITY),
        gauge('nan', Number.NaN),
        gauge(`dims${tags(30)}`),
        gauge(`many${tags(31)}`),
        gauge('a'.repeat(255)),
        gauge('a'.repeat(256)),
        gauge(`v;k=${'v'.repeat(1_025)}`),
        gauge('colon;:k=v'),
        gauge('größe;größe=ä'),
      ]),
      signal,
    )
    expect(
      pointsIn(server).map(({ MetricName, Dimensions }) => [
        MetricName.slice(0, 10),
        Dimensions?.length ?? 0,
      ]),
    ).toEqual([
      ['largest', 0],
      ['dims', 30],
      ['aaaaaaaaaa', 0],
      ['gr__e', 1],
    ])
    expect(result).toMatchObject({ refusedPoints: 7 })
    expect(letters.letters.map(({ reason }) => reason)).toEqual([
      ...Array<string>(3).fill('a value of it is out of the range of CloudWatch'),
      'it has more than 30 tags',
      'its name has more than 255 characters',
      'a tag of it is too long',
      'a tag of it begins with ":"',
    ])
  })

  test.each([
    [14 * 86_400_000 + 1, 'it is older than 336 h'],
    [-2 * 3_600_000 - 1, 'it is more than 2 h ahead'],
  ])('a point that is %d ms old is left out', async (ageMs, reason) => {
    const result = await (await sinkOf({}, new FakeClock(BATCH_TIME_MS + ageMs))).points?.(
      pointBatchOf(['a']),
      signal,
    )
    expect(result).toMatchObject({ refusedPoints: 1 })
    expect(letters.letters).toMatchObject([{ reason }])
    expect(server.requests).toEqual([])
  })

  test('requests are as large as CloudWatch takes, and compressed', async () => {
    const names = Array.from({ length: 2_500 }, (_, index) => `a.metric.${index};tag=${'"'.repeat(800)}`)
    await (await sinkOf()).flush?.(gaugesOf(names), signal)
    expect(pointsIn(server)).toHaveLength(2_500)
    expect(new Set(server.requests.map(({ headers }) => headers['content-encoding']))).toEqual(
      new Set(['gzip']),
    )
    server.requests.length = 0
    await (await sinkOf({ compression: 'none' })).flush?.(gaugesOf(names.slice(0, 100)), signal)
    expect(server.requests[0]?.headers['content-encoding']).toBeUndefined()
  })

  async function failure(status: number, type: string, retryAfter?: string): Promise<KymoError> {
    server.reply = () => ({
      status,
      headers: {
        'content-type': 'application/x-amz-json-1.0',
        ...(retryAfter === undefined ? {} : { 'retry-after': retryAfter }),
      },
      body: JSON.stringify({ __type: `com.amazonaws.cloudwatch#${type}`, message: 'because' }),
    })
    const error = await Promise.resolve((await sinkOf()).flush?.(gaugesOf(['a']), signal)).catch(
      (thrown: unknown) => thrown,
    )
    if (!(error instanceof KymoError)) throw new Error(`none of ours: ${String(error)}`)
    return error
  }

  test.each([
    [400, 'ThrottlingException', 'sink-busy'],
    [400, 'Throttling', 'sink-busy'],
    [400, 'RequestLimitExceeded', 'sink-busy'],
    [500, 'InternalServiceFault', 'sink-busy'],
    [503, 'ServiceUnavailable', 'sink-busy'],
    [400, 'UnrecognizedClientException', 'sink-denied'],
    [403, 'SignatureDoesNotMatch', 'sink-denied'],
    [400, 'AccessDeniedException', 'sink-denied'],
    [400, 'ExpiredTokenException', 'sink-denied'],
  ])('%d %s is %3$s, and tried again', async (status, type, code) => {
    const error = await failure(status, type)
    expect([error.code, error.isRetryable]).toEqual([code, true])
    expect(error.message).toContain(`HTTP ${status} ${type}: because`)
    // Whether and when again is for the runner to say.
    expect(server.requests).toHaveLength(1)
    expect(letters.letters).toEqual([])
  })

  test('is asked to wait for as long as it says', async () => {
    expect((await failure(503, 'ServiceUnavailable', '7')).retryAfterMs).toBe(7_000)
  })

  test('one datum that is refused does not take the others with it', async () => {
    server.reply = (request) =>
      request.body.includes('"bad"')
        ? {
            status: 400,
            headers: { 'content-type': 'application/x-amz-json-1.0' },
            body: JSON.stringify({ __type: 'InvalidParameterValueException', message: 'bad' }),
          }
        : OK()
    expect(await (await sinkOf()).flush?.(gaugesOf(['a', 'bad', 'b', 'c']), signal)).toMatchObject({
      refusedPoints: 1,
    })
    expect(letters.letters).toMatchObject([{ item: { key: 'bad', timeMs: BATCH_TIME_MS, Value: 1 } }])
  })

  test.each([
    [200, 0],
    [400, 1],
  ])('an answer of %d of a gigabyte is not read', async (status, refusedPoints) => {
    const piece = Buffer.alloc(1 << 20, ' ')
    let written = 0
    server.reply = (_request, response) => {
      response.writeHead(status, {
        'content-type': 'application/x-amz-json-1.0',
        'content-length': String(1 << 30),
      })
      const more = (): void => {
        for (; written < 1 << 30; written += piece.length) if (!response.write(piece)) break
      }
      response.on('drain', more)
      more()
      return undefined
    }
    expect(await (await sinkOf()).flush?.(gaugesOf(['a']), signal)).toMatchObject({ refusedPoints })
    expect(written).toBeLessThan(1 << 28)
  })

  test('without credentials it is not let in, and tried again', async () => {
    for (const name of Object.keys(process.env).filter((name) => name.startsWith('AWS_')))
      vi.stubEnv(name, undefined)
    vi.stubEnv('AWS_EC2_METADATA_DISABLED', 'true')
    vi.stubEnv('AWS_SHARED_CREDENTIALS_FILE', '/dev/null')
    vi.stubEnv('AWS_CONFIG_FILE', '/dev/null')
    const sink = await sinkOf({ access_key_id: undefined, secret_access_key: undefined })
    const error = await Promise.resolve(sink.flush?.(gaugesOf(['a']), signal)).catch(
      (thrown: unknown) => thrown,
    )
    vi.unstubAllEnvs()
    expect(error).toMatchObject({ code: 'sink-denied', isRetryable: true })
    expect(String(error)).toContain('Could not load credentials')
    expect(server.requests).toEqual([])
  })

  test('no answer in time is a failure to be tried again', async () => {
    server.reply = () => undefined
    const sink = await sinkOf({ request_timeout: '50ms' })
    const error = await Promise.resolve(sink.flush?.(gaugesOf(['a']), signal)).catch(
      (thrown: unknown) => thrown,
    )
    expect(error).toMatchObject({ code: 'sink-unreachable', isRetryable: true })
  })
})

test.each([
  [{ access_key_id: KEY }],
  [{ secret_access_key: SECRET }],
  [{ namespace: 'AWS/EC2' }],
  [{ namespace: ':a' }],
  [{ namespace: 'a\nb' }],
  [{ timers: 'all' }],
])('%j is refused', (given) => {
  expect(cloudwatchSink.options.safeParse({ type: 'cloudwatch', ...given }).success).toBe(false)
})
