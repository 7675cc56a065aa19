import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { FakeClock } from '../lib/fake-clock.ts'
import type { KymoError } from '../telemetry/errors.ts'
import { fileSink } from './file.ts'
import { RotatingFile } from './file/rotating-file.ts'
import type { Sink } from './sink.ts'
import { sinkConformance } from './sink.conformance.ts'
import { BATCH_TIME_MS, eventsOf, gaugesOf, pointBatchOf, TUTORIAL_BATCH } from './testdata/batches.ts'
import { testContext } from './testdata/sink-context.ts'

const signal = new AbortController().signal

let directory: string
let clock: FakeClock

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'kymo-file-sink-'))
  clock = new FakeClock(BATCH_TIME_MS)
})
afterEach(() => rmSync(directory, { recursive: true, force: true }))

const path = (): string => join(directory, 'metrics.jsonl')

function sinkWith(options: object = {}): Promise<Sink> {
  return fileSink.create(
    fileSink.options.parse({ type: 'file', path: path(), ...options }),
    testContext({ clock }),
  )
}

interface Line {
  readonly timestamp: number
  readonly metric?: string
  readonly event?: object
  readonly statistics?: object
}

function linesOf(content: Buffer): Line[] {
  const text = content.toString()
  expect(text === '' || text.endsWith('\n')).toBe(true)
  return text
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line) as Line)
}

const lines = (): Line[] => (existsSync(path()) ? linesOf(readFileSync(path())) : [])

sinkConformance('file', {
  async working() {
    return {
      sink: await sinkWith(),
      arrivedPoints: () =>
        lines().reduce((sum, { statistics }) => sum + Object.keys(statistics ?? { event: 1 }).length, 0),
    }
  },
  async unreachable() {
    // A directory cannot be made where a file is.
    writeFileSync(join(directory, 'taken'), '')
    return {
      sink: await sinkWith({ path: join(directory, 'taken', 'metrics.jsonl') }),
      arrivedPoints: () => 0,
    }
  },
})

describe('the file', () => {
  test('has a line for each metric, point and event', async () => {
    const sink = await sinkWith()
    await sink.flush?.(TUTORIAL_BATCH, signal)
    await sink.points?.(pointBatchOf(['a;k=v']), signal)
    await sink.events?.(eventsOf(['deploy']), signal)
    await sink.close()
    expect(lines()).toMatchObject([
      {
        timestamp: 1_700_000_000,
        interval_ms: 10_000,
        metric: 'counter',
        statistics: { count: 10, rate: 1 },
      },
      { metric: 'gauge', type: 'gauge', statistics: { value: 4 } },
      { metric: 'timer', tags: { env: 'prod' } },
      { timestamp: 1_700_000_000, metric: 'a', tags: { k: 'v' }, statistics: { value: 0 } },
      { event: { title: 'deploy' } },
    ])
  })

  test('is gone on with, and a line that was cut off in it is ended', async () => {
    writeFileSync(path(), '{"timestamp":1}\n{"timest')
    const sink = await sinkWith()
    await sink.flush?.(gaugesOf(['a']), signal)
    await sink.close()
    const texts = readFileSync(path(), 'utf8').split('\n')
    expect(texts.slice(0, 2)).toEqual(['{"timestamp":1}', '{"timest'])
    expect(JSON.parse(texts[2] ?? '')).toMatchObject({ metric: 'a' })
  })

  test('is made anew when somebody has moved or deleted it', async () => {
    const sink = await sinkWith()
    await sink.flush?.(gaugesOf(['a']), signal)
    renameSync(path(), join(directory, 'moved'))
    await sink.flush?.(gaugesOf(['b']), signal)
    rmSync(path())
    await sink.flush?.(gaugesOf(['c']), signal)
    await sink.close()
    expect(linesOf(readFileSync(join(directory, 'moved')))).toMatchObject([{ metric: 'a' }])
    expect(lines()).toMatchObject([{ metric: 'c' }])
  })

  test('is put aside when it is large, and the oldest of those are deleted', async () => {
    const sink = await sinkWith({ rotate_size: '4KiB', keep: 2 })
    writeFileSync(join(directory, 'metrics.jsonl.note'), 'not of ours')
    for (let flush = 0; flush < 12; flush += 1) {
      await sink.flush?.(gaugesOf(Array.from({ length: 20 }, (_, index) => `flush${flush}.${index}`)), signal)
      // Two in one second: their names differ all the same.
      if (flush % 4 === 3) clock.advance(1_000)
    }
    await sink.close()
    const names = readdirSync(directory).sort()
    expect(names).toHaveLength(4)
    expect(names).toContain('metrics.jsonl.note')
    const aside = names.filter((name) => /Z(-\d+)?$/.test(name))
    const kept = [...aside.map((name) => linesOf(readFileSync(join(directory, name)))), lines()]
    const flushes = kept.map((one) => [...new Set(one.map(({ metric }) => metric?.split('.')[0]))])
    // The newest, without a hole.
    const numbers = flushes.flat().map((name) => Number(name?.replace('flush', '')))
    expect(numbers).toEqual(Array.from({ length: numbers.length }, (_, index) => 12 - numbers.length + index))
    expect(numbers.length).toBeGreaterThan(2)
  })

  test('is put aside when it is old, also by a Kymo that was started since, and compressed', async () => {
    const first = await sinkWith({ rotate_every: '1h', compress: true })
    await first.flush?.(gaugesOf(['a']), signal)
    clock.advance(30 * 60_000)
    await first.flush?.(gaugesOf(['b']), signal)
    expect(lines()).toHaveLength(2)
    clock.advance(30 * 60_000)
    await first.flush?.(gaugesOf(['c']), signal)
    await first.close()
    expect(lines()).toMatchObject([{ metric: 'c' }])
    const [aside = ''] = readdirSync(directory).filter((name) => name.endsWith('.gz'))
    expect(aside).toBe('metrics.jsonl.20231114T231320Z.gz')
    expect(linesOf(gunzipSync(readFileSync(join(directory, aside))))).toMatchObject([
      { metric: 'a' },
      { metric: 'b' },
    ])
    expect(readdirSync(directory).sort()).toEqual(['metrics.jsonl', aside])
  })

  test('has nothing of a batch that failed half-way', async () => {
    const sink = await sinkWith()
    await sink.flush?.(gaugesOf(['a']), signal)
    const abort = new AbortController()
    const names = Array.from({ length: 20_000 }, (_, index) => `long.name.${index}`)
    const failing = Promise.resolve(sink.flush?.(gaugesOf(names), abort.signal))
    setImmediate(() => abort.abort(new Error('enough')))
    await expect(failing).rejects.toThrow('enough')
    expect(lines()).toMatchObject([{ metric: 'a' }])
    await sink.flush?.(gaugesOf(['b']), signal)
    expect(lines()).toMatchObject([{ metric: 'a' }, { metric: 'b' }])
    await sink.close()
  })

  test('that cannot be written says why, and is tried again', async () => {
    const sink = await sinkWith({ path: '/dev/full' })
    const error = await Promise.resolve(sink.flush?.(gaugesOf(['a']), signal)).catch(
      (thrown: unknown) => thrown,
    )
    expect((error as KymoError).code).toBe('sink-file')
    expect((error as KymoError).isRetryable).toBe(true)
    expect((error as KymoError).message).toContain('ENOSPC')
    await sink.close()
  })

  test('that is put aside and cannot be compressed is said', async () => {
    const troubles: unknown[] = []
    const file = new RotatingFile({
      path: path(),
      rotateBytes: 1,
      rotateMs: 1_000,
      keptFiles: 1,
      isCompressed: true,
      clock,
      onTrouble: (error) => troubles.push(error),
    })
    await file.append(['a\n'])
    // Where the compressed file is to be there is a directory.
    mkdirPart()
    await file.append(['b\n'])
    await file.close()
    expect(troubles).toHaveLength(1)
    expect(readFileSync(path(), 'utf8')).toBe('b\n')
  })
})

function mkdirPart(): void {
  mkdtempSync(join(directory, 'x'))
  const [made = ''] = readdirSync(directory).filter((name) => name.startsWith('x'))
  renameSync(join(directory, made), `${path()}.20231114T221320Z.gz.part`)
}
