import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { describe, expect, test } from 'vitest'
import { KymoError } from '../telemetry/errors.ts'
import { type LoadedConfig, loadConfig, type LoadRequest } from './load.ts'
import type { ReadFile } from './read-file.ts'
import { reloadConfig } from './reload.ts'

const FILE = '/srv/kymo/kymo.yaml'

/** A configuration file that can be written again and again, and what is run with it. */
class Site {
  readonly files = new Map<string, string | Uint8Array>()
  readonly request: LoadRequest
  running: LoadedConfig

  constructor(text: string | undefined, argv: readonly string[] = [], env: Record<string, string> = {}) {
    const readFile: ReadFile = (file) => {
      const contents = this.files.get(file)
      if (contents === undefined) throw Object.assign(new Error('no such file'), { code: 'ENOENT' })
      return typeof contents === 'string' ? new TextEncoder().encode(contents) : contents
    }
    this.request = { command: 'start', argv, env, cwd: '/srv/kymo', readFile, coreCount: 2 }
    if (text !== undefined) this.files.set(FILE, text)
    this.running = loadConfig(this.request)
  }

  reload(text: string | Uint8Array | undefined) {
    if (text === undefined) this.files.delete(FILE)
    else this.files.set(FILE, text)
    const reloaded = reloadConfig(this.running, this.request)
    this.running = reloaded
    return reloaded
  }

  /** The error of a reload that fails. */
  refused(text: string | Uint8Array | undefined): KymoError {
    try {
      this.reload(text)
    } catch (error) {
      if (error instanceof KymoError) return error
      throw error
    }
    throw new Error('it was taken')
  }
}

describe('what is taken', () => {
  test('the same again changes nothing', () => {
    const site = new Site('flush:\n  interval: 10s\nsinks:\n  - type: stdout\n')
    const { config } = site.running
    const again = site.reload('flush: {interval: 10000ms}\nsinks: [{type: stdout, format: text}]\n')
    expect(again).toMatchObject({ changed: [], needRestart: [], config })
  })

  test('what can change changes; what cannot is named, and stays', () => {
    const site = new Site('log:\n  level: info\n')
    const { changed, needRestart, config } = site.reload(
      'log: {level: debug}\nstatsd: {port: 9125, profile: statsd}\nflush: {interval: 1s}\nsinks: [{type: stdout}]\n',
    )
    expect(changed).toEqual(['statsd.profile', 'sinks', 'log.level'])
    expect(needRestart).toEqual(['statsd.port', 'flush.interval'])
    expect(config.log.level).toBe('debug')
    expect(config.sinks).toMatchObject([{ type: 'stdout' }])
    expect([config.statsd.port, config.flush.intervalMs]).toEqual([8125, 10_000])
  })

  test('what needs a restart is named each time, and what has changed once', () => {
    const site = new Site('')
    const text = 'graphite: {port: 3003}\nlog: {level: warn}\n'
    expect(site.reload(text)).toMatchObject({ changed: ['log.level'], needRestart: ['graphite.port'] })
    expect(site.reload(text)).toMatchObject({ changed: [], needRestart: ['graphite.port'] })
    expect(site.reload('')).toMatchObject({ changed: ['log.level'], needRestart: [] })
  })

  test('defaults that hang on what cannot change are those of what runs', () => {
    const site = new Site('flush: {interval: 10s}\n')
    const aggregator = 'aggregator: {delete_gauges: true, gauges_max_ttl: 3}\n'
    const { config } = site.reload(`flush: {interval: 60s}\n${aggregator}`)
    expect(config.aggregator.idleTimeoutMs.gauge).toBe(20_000)
  })

  test('flags and variables still come before the file', () => {
    const site = new Site('', ['--log-level', 'error', '--stdout'], { KYMO_LIMITS_SERIES: '7' })
    const { changed, config } = site.reload('log: {level: debug}\nlimits: {series: 9}\nsinks: []\n')
    expect(changed).toEqual([])
    expect(config).toMatchObject({
      log: { level: 'error' },
      limits: { series: 7 },
      sinks: [{ type: 'stdout' }],
    })
  })

  test('settings show what is in force and where it is said', () => {
    const site = new Site('statsd: {port: 9000}\n')
    const { settings } = site.reload('statsd: {port: 9001}\nsinks: [{type: stdout}]\n')
    const of = (key: string) => settings.find((setting) => setting.key === key)
    expect(of('statsd.port')).toMatchObject({ value: 9000, source: { kind: 'file', line: 1 } })
    expect(of('sinks[0].type')).toMatchObject({ value: 'stdout', source: { kind: 'file', line: 2 } })
    expect(settings.length).toBeGreaterThanOrEqual(new Site('').running.settings.length)
  })

  test('without a file there is nothing to change; one that is made later is read', () => {
    const site = new Site(undefined)
    expect(site.reload(undefined)).toMatchObject({ changed: [], needRestart: [] })
    expect(site.reload('log: {level: warn}\n').changed).toEqual(['log.level'])
  })

  test('warnings are those of what comes of it', () => {
    const site = new Site('store: {enabled: false}\nsinks: [{type: stdout}]\n')
    expect(site.running.warnings).toEqual([])
    expect(site.reload('store: {enabled: true}\n').warnings).toEqual([
      expect.stringContaining('the store is off and there are no sinks'),
    ])
  })
})

describe('what is refused, whole', () => {
  const BROKEN: [string, string | Uint8Array | undefined, string, RegExp][] = [
    [
      'a wrong value',
      'log: {level: debug}\nhttp:\n  port: 99999\n',
      'config-invalid',
      /kymo\.yaml:3:9 +http\.port/,
    ],
    ['an unknown key', 'logg: {level: debug}\n', 'config-invalid', /kymo\.yaml:1:1 .*did you mean/],
    ['no YAML', 'a: [\n', 'config-invalid', /kymo\.yaml:\d+:\d+/],
    ['binary garbage', Uint8Array.of(0xff, 0xfe, 0, 1, 2), 'config-unreadable', /not UTF-8/],
    ['a file that is gone', undefined, 'config-unreadable', /no such file/],
    ['options that do not go together', 'statsd: {port: 2003}\n', 'config-invalid', /port of graphite/],
  ]
  test.each(BROKEN)('%s', (_name, text, code, message) => {
    const site = new Site('log: {level: warn}\n')
    const { running } = site
    const error = site.refused(text)
    expect(error.code).toBe(code)
    expect(error.message).toMatch(message)
    expect(error.httpStatus).toBe(422)
    expect(site.running).toBe(running)
  })

  test('a new value that does not go together with an old one that stays', () => {
    const site = new Site('graphite: {port: 2003}\n')
    const error = site.refused(
      'graphite: {port: 3003}\nsinks: [{type: graphite, host: localhost, port: 2003}]\n',
    )
    expect(error.message).toMatch(/kymo\.yaml:2:\d+ +sinks\[0\].*own Graphite intake/)
    expect(error.message).toContain('until the next start, graphite.port stay')
  })
})

test.skipIf(process.platform === 'win32')(
  'a pipe, which holds nothing any more, is refused and not waited for',
  () => {
    const directory = mkdtempSync(path.join(tmpdir(), 'kymo-reload-'))
    const file = path.join(directory, 'kymo.yaml')
    writeFileSync(file, 'log: {level: warn}\n')
    const request: LoadRequest = { command: 'start', argv: [file], env: {}, cwd: directory }
    const running = loadConfig(request)
    expect(reloadConfig(running, request).changed).toEqual([])
    rmSync(file)
    execFileSync('mkfifo', [file])
    expect(() => reloadConfig(running, request)).toThrow('only once')
    rmSync(directory, { recursive: true })
  },
)
