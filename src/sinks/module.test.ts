import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { json } from 'node:stream/consumers'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, afterEach, describe, expect, test } from 'vitest'
import { type Clock, systemClock } from '../lib/clock.ts'
import type { SeriesIdentity } from '../model/series-identity.ts'
import { KymoError } from '../telemetry/errors.ts'
import { createLineLog } from '../telemetry/log.ts'
import { moduleSink } from './module.ts'
import { sinkConformance } from './sink.conformance.ts'
import type { Sink } from './sink.ts'
import { BATCH_TIME_MS, gaugesOf } from './testdata/batches.ts'
import { KeptLetters, testContext } from './testdata/sink-context.ts'

const MODULES = join(import.meta.dirname, 'testdata/modules')
const signal = new AbortController().signal
const directory = mkdtempSync(join(tmpdir(), 'kymo-module-'))
afterAll(() => rmSync(directory, { recursive: true }))
let files = 0
/** A second is 50 ms, but half a minute is one: a busy machine takes long to start a thread. */
const quickClock: Clock = {
  ...systemClock,
  after: (delayMs, action) => systemClock.after(delayMs < 30_000 ? delayMs / 20 : delayMs, action),
}
/** Half a minute is half a second. */
const hastyClock: Clock = {
  ...systemClock,
  after: (delayMs, action) => systemClock.after(delayMs / 60, action),
}

async function createModule(module: string, options: object = {}, own: object = {}, clock = quickClock) {
  const lines: Record<string, unknown>[] = []
  const letters = new KeptLetters()
  let restarts = 0
  const sink = await moduleSink.create(
    moduleSink.options.parse({ type: 'module', directory: MODULES, module, options, ...own }),
    testContext({
      clock,
      log: createLineLog({
        level: 'info',
        write: (line) => lines.push(JSON.parse(line) as Record<string, unknown>),
      }),
      deadLetters: letters,
      meter: { lostPackets() {}, restarted: () => restarts++, says() {} },
    }),
  )
  return { sink, lines, letters, restarts: () => restarts }
}

const linesOf = (file: string): string[] =>
  existsSync(file) ? readFileSync(file, 'utf8').split('\n').slice(0, -1) : []

sinkConformance('module', {
  working: async () => {
    const file = join(directory, `lines-${files++}`)
    return {
      sink: (await createModule('./lines.mjs', { file })).sink,
      arrivedPoints: () => linesOf(file).length,
    }
  },
  unreachable: async () => ({
    sink: (await createModule('./lines.mjs', { file: join(directory, 'missing'), missing: true })).sink,
    arrivedPoints: () => 0,
  }),
})

describe('a module that misbehaves', () => {
  let sink: Sink
  afterEach(async () => await sink.close())

  const flush = async (name: string, target = sink): Promise<unknown> =>
    await Promise.resolve(target.flush?.(gaugesOf([name]), signal)).catch((error: unknown) => error)
  /** Again and again, until its thread is there. */
  const flushWell = async (): Promise<void> => {
    while ((await flush('well')) instanceof KymoError) await sleep(20)
  }

  test.each([
    ['throw', 'module-failed', 'no'],
    ['throw-nothing', 'module-failed', 'undefined'],
    ['later', 'module-failed', 'later'],
    ['refuse', 'sink-refused', 'never'],
    ['exit', 'module-ended', 'it ended itself, with 3'],
    ['reject-aside', 'module-ended', 'nobody listens'],
    ['loop', 'sink-hung', '20 s'],
    ['hang', 'sink-hung', '20 s'],
    ['leak', 'module-ended', 'memory'],
  ])('%s: told as %s, and it goes on', async (how, code, text) => {
    const limits = how === 'leak' ? { memory: '16MiB' } : { timeout: '20s' }
    const made = await createModule('./unruly.mjs', {}, limits)
    sink = made.sink
    await flushWell()
    const error = await flush(how)
    expect(error).toBeInstanceOf(KymoError)
    expect((error as KymoError).code).toBe(code)
    expect((error as KymoError).message).toContain(text)
    expect((error as KymoError).retryAfterMs).toBe(how === 'later' ? 1_234 : undefined)
    await flushWell()
    const hasEnded = code === 'module-ended' || code === 'sink-hung'
    expect(made.restarts()).toBe(hasEnded ? 1 : 0)
    expect(made.lines.filter(({ code: told }) => told === 'module-ended')).toHaveLength(hasEnded ? 1 : 0)
  })

  test.each(['throw', 'exit'])('%s, three times with one batch: that one is given up', async (how) => {
    sink = (await createModule('./unruly.mjs')).sink
    const batch = gaugesOf([how])
    const codes: string[] = []
    while (codes.at(-1) !== 'sink-refused') {
      const error = await Promise.resolve(sink.flush?.(batch, signal)).catch((thrown: unknown) => thrown)
      codes.push((error as KymoError).code)
      // A thread that is to be started later is not given it.
      await sleep(how === 'exit' ? 60 : 0)
    }
    expect(codes.length).toBeGreaterThanOrEqual(3)
    await flushWell()
  })

  test('what it leaves out is counted, and what it takes down is kept', async () => {
    const made = await createModule('./unruly.mjs')
    sink = made.sink
    expect(await sink.flush?.(gaugesOf(['refuse-one', 'b']), signal)).toEqual({ refusedPoints: 1 })
    expect(made.letters.codes).toEqual(['sink-unfit', 'sink-unfit'])
    expect(made.letters.letters).toEqual([
      { reason: 'too long', item: { key: 'refuse-one' } },
      { reason: 'too long', item: '() => {}' },
    ])
  })

  test('a signal that aborts is obeyed even by one that does not listen', async () => {
    sink = (await createModule('./unruly.mjs')).sink
    await flushWell()
    const abort = new AbortController()
    const flushing = Promise.resolve(sink.flush?.(gaugesOf(['loop']), abort.signal))
    abort.abort(new Error('enough'))
    await expect(flushing).rejects.toThrow('enough')
    await flushWell()
  })

  test.each([
    ['./not-there.mjs', {}, 'not-there.mjs'],
    ['no-such-package-anywhere', {}, 'no-such-package-anywhere'],
    ['./unruly.mjs', { onLoad: 'throw' }, 'no'],
    ['./unruly.mjs', { onLoad: 'exit' }, 'with 3'],
    ['./unruly.mjs', { onLoad: 'loop' }, '30 s'],
    ['./exports-nothing.mjs', {}, 'no function `create`'],
    ['./makes-nothing.mjs', {}, 'without any of flush'],
  ])('%s %j cannot be loaded, and that is said', async (module, options, text) => {
    const made = await createModule(module, options, {}, text === '30 s' ? hastyClock : quickClock)
    sink = made.sink
    const error = await flush('a')
    expect((error as KymoError).code).toBe('module-unloadable')
    expect((error as KymoError).message).toContain(text)
    expect((error as KymoError).isRetryable).toBe(true)
    expect(made.lines[0]).toMatchObject({ code: 'module-unloadable', sink: 'module' })
  })
})

describe('a module', () => {
  test('is found beside the configuration file by path or by the name of its package, of any kind', async () => {
    const place = mkdtempSync(join(directory, 'place-'))
    const write = (file: string, text: string): void => {
      writeFileSync(join(place, file), text)
    }
    for (const name of ['of-old', 'of-now']) mkdirSync(join(place, 'node_modules', name), { recursive: true })
    const body = (name: string): string =>
      `create = () => ({ flush() { throw Object.assign(new Error('I am ${name}'), { isRetryable: false }) } })`
    write('own.mjs', `export const ${body('own.mjs')}`)
    write('own.cjs', `exports.${body('own.cjs')}`)
    write('own.ts', `export const ${body('own.ts')} as { flush: () => void }`)
    write('default.mjs', `const ${body('default.mjs')}\nexport default create`)
    write('node_modules/of-old/package.json', '{"name":"of-old","main":"x.js"}')
    write('node_modules/of-old/x.js', `exports.${body('of-old')}`)
    write(
      'node_modules/of-now/package.json',
      '{"name":"of-now","type":"module","exports":{"import":"./x.js"}}',
    )
    write('node_modules/of-now/x.js', `export const ${body('of-now')}`)
    const modules = [
      './own.mjs',
      './own.cjs',
      './own.ts',
      './default.mjs',
      join(place, 'own.mjs'),
      'of-old',
      'of-now',
    ]
    for (const module of modules) {
      const { sink } = await createModule(module, {}, { directory: place })
      const name = module.replace(/^.*\//, '')
      await expect(async () => sink.flush?.(gaugesOf(['a']), signal)).rejects.toThrow(`I am ${name}`)
      await sink.close()
    }
  })

  test('has copies, with the same identities from flush to flush', async () => {
    const place = join(directory, `spoil-${files++}.mjs`)
    writeFileSync(
      place,
      `let before
       export const create = () => ({
         flush(batch) {
           const same = before === undefined || before === batch.series[0]
           before = batch.series[0]
           batch.values.fill(0)
           batch.series.length = 0
           return { refusedPoints: same ? 0 : 1 }
         },
       })`,
    )
    const { sink } = await createModule(place)
    const batch = gaugesOf(['a', 'b'])
    const keys = (series: readonly SeriesIdentity[]): string[] => series.map(({ key }) => key)
    for (let round = 0; round < 3; round++)
      expect(await sink.flush?.(batch, signal)).toEqual({ refusedPoints: 0 })
    expect([...batch.values]).toEqual([0, 1])
    expect(keys(batch.series)).toEqual(['stats.gauges.a', 'stats.gauges.b'])
    await sink.close()
  })

  test('as the guide shows it sends what it is given', async () => {
    const guide = readFileSync(join(import.meta.dirname, '../../docs/guide/your-own-sink.md'), 'utf8')
    const example = /```js\n(\/\/ my-sink.mjs\n.*?)```/s.exec(guide)?.[1]
    const file = join(directory, 'my-sink.mjs')
    writeFileSync(file, example ?? '')
    const seen: unknown[] = []
    const statuses = [200, 503, 400]
    const server = createServer((request, response) => {
      void json(request).then((body) => {
        seen.push([request.headers.authorization, body])
        response.writeHead(statuses.shift() ?? 200).end()
      })
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
    const { sink } = await createModule(file, { url, token: 's3cret' })
    expect(await sink.flush?.(gaugesOf(['a']), signal)).toEqual({ refusedPoints: 0 })
    await expect(async () => sink.flush?.(gaugesOf(['a']), signal)).rejects.toMatchObject({
      code: 'module-failed',
    })
    await expect(async () => sink.flush?.(gaugesOf(['a']), signal)).rejects.toMatchObject({
      code: 'sink-refused',
    })
    expect(seen[0]).toEqual([
      'Bearer s3cret',
      [{ key: 'stats.gauges.a', value: 0, at: BATCH_TIME_MS / 1_000 }],
    ])
    await sink.close()
    server.close()
  })

  test('is asked for what it carries, and nothing else', async () => {
    const { sink } = await createModule('./nothing.mjs')
    await sink.flush?.(gaugesOf(['a']), signal)
    expect(Object.hasOwn(sink, 'flush')).toBe(true)
    expect(Object.hasOwn(sink, 'points')).toBe(false)
    expect(Object.hasOwn(sink, 'events')).toBe(false)
    await sink.close()
  })
})
