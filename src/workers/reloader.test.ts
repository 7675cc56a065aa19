import { beforeEach, expect, test } from 'vitest'
import type { RulesAnswer } from '../api/services.ts'
import type { LoadedConfig } from '../config/load.ts'
import type { ReloadedConfig } from '../config/reload.ts'
import { KymoError } from '../telemetry/errors.ts'
import type { Log } from '../telemetry/log.ts'
import { allocateOwnMetrics, layoutOwnMetrics, OwnMetrics, readOwnMetrics } from '../telemetry/own-metrics.ts'
import { Reloader } from './reloader.ts'

const layout = layoutOwnMetrics({ listener: [], sink: [], thread: [] })

let buffer: SharedArrayBuffer
/** What the file says now. */
let file: string
/** What was read, with what it was compared. */
let reads: string[]
let applied: string[]
let applying: () => Promise<void>
let rules: RulesAnswer | null
let logged: { level: string; fields: unknown; text: string }[]
let reloader: Reloader

const textOf = (config: LoadedConfig | undefined) => config?.configFile ?? 'start'

beforeEach(() => {
  buffer = allocateOwnMetrics(layout)
  file = 'one'
  reads = []
  applied = []
  applying = () => Promise.resolve()
  rules = null
  logged = []
  const logAs =
    (level: string) =>
    (...given: [unknown, string] | [string]) =>
      logged.push({ level, fields: given.length > 1 ? given[0] : {}, text: String(given.at(-1)) })
  reloader = new Reloader({
    read(running) {
      reads.push(`${textOf(running)} -> ${file}`)
      if (file === 'broken')
        throw new KymoError('config-invalid', { count: 2, problems: '  k.yaml:1:1  a\n  k.yaml:2:1  b' })
      const changed = file === textOf(running) ? [] : ['log.level']
      return {
        configFile: file,
        changed,
        needRestart: ['statsd.port'],
        warnings: ['Mind.'],
      } as unknown as ReloadedConfig
    },
    compareRules: () => Promise.resolve(rules),
    async apply(reloaded) {
      await applying()
      applied.push(textOf(reloaded))
    },
    ownMetrics: new OwnMetrics(layout, buffer),
    log: { info: logAs('info'), warn: logAs('warn'), error: logAs('error') } as unknown as Log,
  })
})

const count = (result: string) =>
  readOwnMetrics(layout, [buffer]).get(`kymo_config_reloads_total{result="${result}"}`)

test('what is read is applied, told and counted, and the next is compared with it', async () => {
  expect(await reloader.reload()).toEqual({
    changed: ['log.level'],
    needRestart: ['statsd.port'],
    warnings: ['Mind.'],
    rules: null,
  })
  await reloader.reload()
  expect(reads).toEqual(['start -> one', 'one -> one'])
  expect(applied).toEqual(['one', 'one'])
  expect([count('ok'), count('failed')]).toEqual([2, 0])
  expect(logged.slice(0, 3)).toEqual([
    { level: 'warn', fields: {}, text: 'Mind.' },
    { level: 'info', fields: { changed: ['log.level'] }, text: 'the configuration has been read again' },
    { level: 'warn', fields: {}, text: 'takes effect at the next start: statsd.port' },
  ])
})

test('what cannot be read changes nothing, and each problem is in the log', async () => {
  await reloader.reload()
  file = 'broken'
  await expect(reloader.reload()).rejects.toMatchObject({ code: 'config-invalid' })
  file = 'two'
  await reloader.reload()
  expect(reads).toEqual(['start -> one', 'one -> broken', 'one -> two'])
  expect(applied).toEqual(['one', 'two'])
  expect([count('ok'), count('failed')]).toEqual([2, 1])
  expect(logged.find(({ level }) => level === 'error')).toMatchObject({
    fields: { code: 'config-invalid', problems: ['k.yaml:1:1  a', 'k.yaml:2:1  b'] },
    text: 'the configuration cannot be reloaded; everything goes on as it was',
  })
})

test('fifty at once are two: the one under way, and one that reads what the file says after it', async () => {
  const gate = Promise.withResolvers<void>()
  applying = () => gate.promise
  const first = reloader.reload()
  await Promise.resolve()
  const others = Array.from({ length: 49 }, () => reloader.reload())
  file = 'two'
  gate.resolve()
  await first
  await Promise.all(others)
  expect(reads).toEqual(['start -> one', 'one -> two'])
})

test('a thread that fails is a bug, and said to be one', async () => {
  applying = () => Promise.reject(new KymoError('internal', { reason: 'oh' }))
  await expect(reloader.reload()).rejects.toMatchObject({ code: 'internal' })
  expect(logged).toEqual([expect.objectContaining({ level: 'error', text: expect.stringMatching(/^BUG/) })])
  expect(count('failed')).toBe(1)
})

test('what other rules of keeping do is said first, and told', async () => {
  const way = {
    retentions: [{ stepSeconds: 10, retentionSeconds: 3_600 }],
    rollup: 'mean',
    xFilesFactor: 0,
  } as const
  const after = { ...way, rollup: 'max' } as const
  const change = { before: way, after, series: 2, examples: ['a', 'b'], lost: [], notMadeSteps: [] }
  rules = {
    series: 1_000,
    schemas: [],
    aggregations: [],
    changed: 2,
    changes: [change],
    dropped: [],
    bytesPerPoint: [],
  }
  applying = async () => {
    logged.push({ level: '', fields: {}, text: 'applied' })
  }
  expect((await reloader.reload()).rules).toBe(rules)
  expect(logged.slice(0, 2).map(({ text }) => text)).toEqual([
    'other rules of keeping: 2 of 1,000 series change: 2 from 10s:1h by mean to 10s:1h by max',
    'applied',
  ])
})
