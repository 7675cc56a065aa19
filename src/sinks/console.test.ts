import { once } from 'node:events'
import { connect } from 'node:net'
import { Writable } from 'node:stream'
import { describe, expect, test } from 'vitest'
import { KymoError } from '../telemetry/errors.ts'
import { consoleSink } from './console.ts'
import type { Sink } from './sink.ts'
import { sinkConformance, type SinkWorlds } from './sink.conformance.ts'
import type { MetricEvent } from '../model/event.ts'
import { BATCH_TIME_MS, eventsOf, gaugesOf, pointBatchOf, TUTORIAL_BATCH } from './testdata/batches.ts'
import { LineServer } from './testdata/line-server.ts'
import { testContext } from './testdata/sink-context.ts'

const signal = new AbortController().signal

function sinkTo(stream: Writable, options: object = {}): Promise<Sink> {
  return consoleSink.create(
    consoleSink.options.parse({ type: 'stdout', ...options }),
    testContext({ stdout: stream }),
  )
}

/** A stream that keeps what is written to it. */
class Paper extends Writable {
  text = ''

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.text += chunk.toString()
    done()
  }

  get lines(): string[] {
    return this.text.split('\n').slice(0, -1)
  }
}

/** A pipe whose reader is asleep. */
function stuckStream(): Writable {
  return new Writable({ highWaterMark: 1, write() {} })
}

interface JsonLine {
  readonly event?: object
  readonly tags: Record<string, string>
  readonly statistics: Record<string, number | null>
}

const worlds = (format: 'text' | 'json', countPoints: (paper: Paper) => number): SinkWorlds => ({
  async working() {
    const paper = new Paper()
    return { sink: await sinkTo(paper, { format }), arrivedPoints: () => countPoints(paper) }
  },
  async stalled() {
    return { sink: await sinkTo(stuckStream(), { format }), arrivedPoints: () => 0 }
  },
})

sinkConformance(
  'stdout as JSON',
  worlds('json', (paper) =>
    paper.lines
      .map((line) => JSON.parse(line) as JsonLine)
      .reduce((sum, { event, statistics }) => sum + (event ? 1 : Object.keys(statistics).length), 0),
  ),
)

// In text the statistics of a metric share an indented line, behind its type. An event has one of its own.
sinkConformance(
  'stdout as text',
  worlds('text', (paper) =>
    paper.lines
      .filter((line) => line.startsWith('  '))
      .reduce((sum, line) => {
        if (/\s(?:event|service_check)\s.*at \S+Z {2}\d+$/.test(line)) return sum + 1
        const statistics = /\s(?:counter|gauge|timer|set|untyped)\s+(.*)$/.exec(line)?.[1] ?? ''
        return (
          sum +
          statistics.split('  ').filter((part) => /^\w+ \S+$/.test(part) && !part.startsWith('at ')).length
        )
      }, 0),
  ),
)

describe('stdout as text', () => {
  test('is a block per flush: a headline, then a line per metric', async () => {
    const paper = new Paper()
    await (await sinkTo(paper)).flush?.(TUTORIAL_BATCH, signal)
    expect(paper.text).toBe(`\
2023-11-14T22:13:20.000Z  1700000000  counters 1  gauges 1  timers 1  sets 0  series 7
  counter         counter  count 10  rate 1
  gauge           gauge    value 4
  timer;env=prod  timer    count 5  upper 4  upper_99_9 4  mean_top10 3.5

`)
  })

  test('says so when an interval was empty', async () => {
    const paper = new Paper()
    await (await sinkTo(paper)).flush?.(gaugesOf([]), signal)
    expect(paper.text).toBe(
      '2023-11-14T22:13:20.000Z  1700000000  counters 0  gauges 0  timers 0  sets 0  series 0\n\n',
    )
  })

  test('has points with their own times', async () => {
    const paper = new Paper()
    await (await sinkTo(paper)).points?.(pointBatchOf(['site.visits', 'b']), signal)
    expect(paper.text).toBe(`\
points with times of their own  2
  site.visits  untyped  value 0  at 2023-11-14T22:13:20.000Z  1700000000
  b            untyped  value 1  at 2023-11-14T22:13:20.250Z  1700000000.25

`)
  })

  test('has a time no calendar has as a number', async () => {
    const paper = new Paper()
    await (await sinkTo(paper)).points?.({ ...pointBatchOf(['a']), timesMs: Float64Array.of(1e18) }, signal)
    expect(paper.text).toContain('at 1000000000000000\n')
  })

  test('shows what a terminal would obey', async () => {
    const paper = new Paper()
    await (await sinkTo(paper)).flush?.(gaugesOf(['a\u001b[2Jb\nc\u202ed']), signal)
    expect(paper.lines[1]).toBe('  a\\u001b[2Jb\\u000ac\\u202ed  gauge  value 0')
  })

  test('stays aligned beside a very long name', async () => {
    const paper = new Paper()
    await (await sinkTo(paper)).flush?.(gaugesOf(['a', 'x'.repeat(1_000)]), signal)
    expect(paper.lines[1]).toBe(`  ${'a'.padEnd(60)}  gauge  value 0`)
  })

  test('keeps metrics of one name and two types apart', async () => {
    const paper = new Paper()
    const { series, ...rest } = gaugesOf(['a', 'a'])
    await (await sinkTo(paper)).flush?.(
      { ...rest, series: series.map((one, index) => (index === 0 ? one : { ...one, metricType: 'set' })) },
      signal,
    )
    expect(paper.lines.slice(1, 3)).toEqual(['  a  gauge  value 0', '  a  set    value 1'])
  })
})

const EVENTS: readonly MetricEvent[] = [
  {
    kind: 'event',
    timeMs: BATCH_TIME_MS,
    title: 'deploy v12',
    text: 'rolled out\nby hand',
    tags: [
      ['env', 'prod'],
      ['web', ''],
    ],
  },
  {
    kind: 'service_check',
    timeMs: BATCH_TIME_MS + 500,
    title: 'disk',
    text: '',
    tags: [],
    hostname: 'web1',
    status: 2,
  },
  {
    kind: 'event',
    timeMs: BATCH_TIME_MS,
    title: 'all of it',
    text: '',
    tags: [],
    hostname: 'web2',
    aggregationKey: 'k',
    sourceType: 'jenkins',
    priority: 'low',
    alertType: 'error',
  },
]

describe('events', () => {
  test('are a line each as text', async () => {
    const paper = new Paper()
    await (await sinkTo(paper)).events?.(EVENTS, signal)
    expect(paper.text).toBe(`\
events  3
  deploy v12  event          "rolled out\\nby hand"  tags env:prod,web  at 2023-11-14T22:13:20.000Z  1700000000
  disk        service_check  critical  host web1  at 2023-11-14T22:13:20.500Z  1700000000.5
  all of it   event          error  priority low  host web2  at 2023-11-14T22:13:20.000Z  1700000000

`)
  })

  test('are a line each as JSON', async () => {
    const paper = new Paper()
    await (await sinkTo(paper, { format: 'json' })).events?.(EVENTS, signal)
    expect(paper.lines).toEqual([
      '{"event":{"timestamp":1700000000,"kind":"event","title":"deploy v12","text":"rolled out\\nby hand","tags":["env:prod","web"]}}',
      '{"event":{"timestamp":1700000000.5,"kind":"service_check","title":"disk","text":"","tags":[],"hostname":"web1","status":2}}',
      '{"event":{"timestamp":1700000000,"kind":"event","title":"all of it","text":"","tags":[],"hostname":"web2","aggregation_key":"k","source_type":"jenkins","priority":"low","alert_type":"error"}}',
    ])
  })

  test.each(['text', 'json'])('as %s show what a terminal would obey', async (format) => {
    const paper = new Paper()
    const hostile = 'a\u001b[2Jb\nc\u202ed\u009b'
    const [event] = eventsOf([hostile])
    await (await sinkTo(paper, { format })).events?.(
      [{ ...(event as MetricEvent), hostname: hostile }],
      signal,
    )
    // oxlint-disable-next-line no-control-regex -- control characters are what is looked for
    expect(paper.lines.join('')).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u202e]/)
    expect(paper.lines.filter((line) => line.includes('[2Jb'))).toHaveLength(1)
  })
})

describe('stdout as JSON', () => {
  test('is a line per metric', async () => {
    const paper = new Paper()
    const sink = await sinkTo(paper, { format: 'json' })
    await sink.flush?.(TUTORIAL_BATCH, signal)
    await sink.points?.(pointBatchOf(['a', 'b']), signal)
    expect(paper.lines).toEqual([
      '{"timestamp":1700000000,"interval_ms":10000,"metric":"counter","type":"counter","tags":{},"statistics":{"count":10,"rate":1}}',
      '{"timestamp":1700000000,"interval_ms":10000,"metric":"gauge","type":"gauge","tags":{},"statistics":{"value":4}}',
      '{"timestamp":1700000000,"interval_ms":10000,"metric":"timer","type":"timer","tags":{"env":"prod"},"statistics":{"count":5,"upper":4,"upper_99_9":4,"mean_top10":3.5}}',
      '{"timestamp":1700000000,"metric":"a","type":"untyped","tags":{},"statistics":{"value":0}}',
      '{"timestamp":1700000000.25,"metric":"b","type":"untyped","tags":{},"statistics":{"value":1}}',
    ])
  })

  test.each([
    ['a"b\\c', 'a"b\\c', {}],
    ['a\u001b[2J\u009b\u202e\n', 'a\u001b[2J\u009b\u202e\n', {}],
    ['__proto__;__proto__=x;constructor=y', '__proto__', JSON.parse('{"__proto__":"x","constructor":"y"}')],
    ['a;flag=', 'a', { flag: '' }],
  ])('carries %j as it is', async (key, metric, tags) => {
    const paper = new Paper()
    await (await sinkTo(paper, { format: 'json' })).flush?.(gaugesOf([key]), signal)
    expect(paper.lines.length).toBe(1)
    // oxlint-disable-next-line no-control-regex -- control characters are what is looked for
    expect(paper.lines[0]).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u202e]/)
    const line = JSON.parse(paper.lines[0] ?? '') as JsonLine & { metric: string }
    expect(line.metric).toBe(metric)
    expect(line.tags).toStrictEqual(tags)
  })

  test('has null for what JSON has no number for', async () => {
    const paper = new Paper()
    const batch = { ...gaugesOf(['a']), values: Float64Array.of(Number.POSITIVE_INFINITY) }
    await (await sinkTo(paper, { format: 'json' })).flush?.(batch, signal)
    expect(JSON.parse(paper.text)).toMatchObject({ statistics: { value: null } })
  })
})

describe('the stream', () => {
  test('is the one of the type', async () => {
    const stdout = new Paper()
    const stderr = new Paper()
    const sink = await consoleSink.create(
      consoleSink.options.parse({ type: 'stderr' }),
      testContext({ stdout, stderr }),
    )
    await sink.flush?.(TUTORIAL_BATCH, signal)
    expect(stdout.text).toBe('')
    expect(stderr.text).not.toBe('')
    expect(sink.name).toBe('stderr')
  })

  test('that is slow is never given more than one piece ahead', async () => {
    let waitingBytes = 0
    let mostBytes = 0
    const slow = new Writable({
      highWaterMark: 1,
      write(chunk: Buffer, _encoding, done) {
        mostBytes = Math.max(mostBytes, slow.writableLength)
        waitingBytes += chunk.length
        setImmediate(done)
      },
    })
    const names = Array.from({ length: 50_000 }, (_, index) => `slow.${index}`)
    await (await sinkTo(slow, { format: 'json' })).flush?.(gaugesOf(names), signal)
    expect(waitingBytes).toBeGreaterThan(1_000_000)
    expect(mostBytes).toBeLessThan(70_000)
  })

  test('whose reader went away makes the batch refused, for good, and nothing else', async () => {
    const reader = await LineServer.start()
    const pipe = connect(reader.port, '127.0.0.1')
    await once(pipe, 'connect')
    const sink = await sinkTo(pipe)
    await sink.flush?.(TUTORIAL_BATCH, signal)
    await reader.kill()
    const errors: unknown[] = []
    for (let flush = 0; flush < 3; flush += 1) {
      try {
        await sink.flush?.(TUTORIAL_BATCH, signal)
      } catch (error) {
        errors.push(error)
      }
    }
    expect(errors.length).toBeGreaterThan(0)
    for (const error of errors) {
      expect(error).toBeInstanceOf(KymoError)
      expect(error).toMatchObject({ code: 'sink-refused', isRetryable: false })
    }
    await sink.close()
  })

  test('that was destroyed, also while it was written to, makes the batch refused', async () => {
    const stuck = stuckStream()
    const sink = await sinkTo(stuck)
    const refused = { code: 'sink-refused', message: expect.stringContaining('gone') }
    const interrupted = expect(sink.flush?.(TUTORIAL_BATCH, signal)).rejects.toMatchObject(refused)
    stuck.destroy(new Error('gone'))
    await interrupted
    await expect(sink.flush?.(TUTORIAL_BATCH, signal)).rejects.toMatchObject({ code: 'sink-refused' })
  })

  test('is left open when the sink is closed', async () => {
    const paper = new Paper()
    await (await sinkTo(paper)).close()
    expect(paper.writableEnded).toBe(false)
  })
})

test('many sinks that print to one stream, one after the other, leave one listener behind', async () => {
  const paper = new Paper()
  for (let count = 0; count < 20; count++) await sinkTo(paper)
  expect(paper.listenerCount('error')).toBe(1)
})
