import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { createSink, SINKS } from './index.ts'
import { sinkOptions } from './options.ts'
import { testContext } from './testdata/sink-context.ts'

/** Files of this folder that are no sinks that can be configured. */
const NO_SINKS = new Set(['appetites.ts', 'index.ts', 'options.ts', 'own-sink.ts', 'sink.ts', 'store.ts'])

/** Of sinks that cannot be had without saying anything. */
const LEAST_OPTIONS: Readonly<Record<string, object>> = {
  newrelic: { api_key: 'key' },
  'statsd-backend': { module: './testdata/modules/nothing.mjs', directory: import.meta.dirname },
  datadog: { api_key: 'key' },
  http: { url: 'http://localhost/' },
  module: { module: './testdata/modules/nothing.mjs', directory: import.meta.dirname },
  nrdp: { checks: [{ match: '**', host: 'a', service: 'b' }] },
  nsca: { checks: [{ match: '**', host: 'a', service: 'b' }] },
  'statsd-repeater': { destinations: ['127.0.0.1:9'] },
}

const sinkFiles = readdirSync(import.meta.dirname)
  .filter((file) => file.endsWith('.ts') && !/\.(test|conformance)\.ts$|-options\.ts$/.test(file))
  .filter((file) => !NO_SINKS.has(file))

describe('the registry of sinks', () => {
  test.each(sinkFiles)('has %s, with its options', (file) => {
    expect(readFileSync(`${import.meta.dirname}/index.ts`, 'utf8')).toContain(`import('./${file}')`)
    const optionsFile = file.replace(/\.ts$/, '-options.ts')
    expect(readFileSync(`${import.meta.dirname}/options.ts`, 'utf8')).toContain(`from './${optionsFile}'`)
  })

  test('has every type that can be configured, and no other', () => {
    const types = sinkOptions.options.flatMap(({ shape }) => [...shape.type._zod.values])
    expect(Object.keys(SINKS).sort()).toEqual(types.map(String).sort())
  })

  test.each(Object.keys(SINKS))('makes %s from the least that has to be said', async (type) => {
    const sink = await createSink(sinkOptions.parse({ type, ...LEAST_OPTIONS[type] }), testContext())
    expect(sink.name).toBe(type)
    await sink.close()
  })

  test('loads no sink before it is asked for', () => {
    for (const file of ['index.ts', 'options.ts', 'graphite-options.ts', 'console-options.ts']) {
      const source = readFileSync(`${import.meta.dirname}/${file}`, 'utf8')
      for (const sinkFile of sinkFiles) expect(source).not.toContain(`from './${sinkFile}'`)
    }
  })
})
