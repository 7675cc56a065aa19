import { expect, test } from 'vitest'
import { KymoError } from '../telemetry/errors.ts'
import { type LoadedConfig, loadConfig } from './load.ts'

const SCHEMAS = '[carbon]\npattern = ^carbon\\.\nretentions = 60:90d\n'

function load(files: Readonly<Record<string, string>>): LoadedConfig {
  return loadConfig({
    command: 'start',
    argv: [],
    env: {},
    cwd: '/srv/kymo',
    coreCount: 2,
    readFile(path) {
      const text = files[path]
      if (text === undefined) throw Object.assign(new Error('ENOENT'), { code: 'ENOENT' })
      return new TextEncoder().encode(text)
    },
  })
}

function errorOf(action: () => unknown): KymoError {
  try {
    action()
  } catch (error) {
    if (error instanceof KymoError) return error
  }
  throw new Error('nothing was refused')
}

test('files of rules are read from where the configuration says, and travel with it', () => {
  const { config, ruleFiles } = load({
    '/srv/kymo/kymo.yaml': 'store: {schemas: conf/schemas.conf, aggregation: /etc/aggregation.conf}',
    '/srv/kymo/conf/schemas.conf': SCHEMAS,
    '/etc/aggregation.conf': '[all]\npattern = .*\nxFilesFactor = 0.5\n',
  })
  expect(ruleFiles.schemas).toEqual({ path: 'conf/schemas.conf', text: SCHEMAS })
  expect(structuredClone(config.store.rules).aggregations?.path).toBe('/etc/aggregation.conf')
  // The default is kept longer than any rule says.
  expect(config.store.retentionMs).toBe(5 * 365 * 86_400_000)
})

test('one that is not there is said', () => {
  const error = errorOf(() => load({ '/srv/kymo/kymo.yaml': 'store: {schemas: gone.conf}' }))
  expect(error).toMatchObject({ code: 'rules-unreadable' })
  expect(error.message).toContain('"gone.conf" cannot be read: there is no such file')
})

test('one with errors is refused whole, with the line of each', () => {
  const error = errorOf(() =>
    load({
      '/srv/kymo/kymo.yaml': 'store: {schemas: a, aggregation: b}',
      '/srv/kymo/a': `${SCHEMAS}[bad]\npattern = (\nretentions = 10s:1d,15s:2d\n`,
      '/srv/kymo/b': '[all]\npattern = .*\naggregationMethod = most\n',
    }),
  )
  expect(error).toMatchObject({ code: 'rules-invalid', exitCode: 78 })
  for (const place of ['a:5', 'a:6', 'b:3']) expect(error.message).toContain(place)
})
