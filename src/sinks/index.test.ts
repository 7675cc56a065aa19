import { execFile } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { promisify } from 'node:util'
import { describe, expect, test } from 'vitest'
import { createSink } from './create-sink.ts'
import { SINKS, sinkOptions } from './options.ts'
import { testContext } from './testdata/sink-context.ts'

/** Files of this folder that are no sinks that can be configured. */
const NO_SINKS = new Set([
  'create-sink.ts',
  'define-sink.ts',
  'index.ts',
  'options.ts',
  'own-sink.ts',
  'sink.ts',
  'store.ts',
])

const sinkFiles = readdirSync(import.meta.dirname).filter(
  (file) => file.endsWith('.ts') && !/\.(test|conformance)\.ts$/.test(file) && !NO_SINKS.has(file),
)

describe('the sinks', () => {
  test.each(sinkFiles)('include that of %s, which has a test', (file) => {
    expect(readFileSync(`${import.meta.dirname}/index.ts`, 'utf8')).toContain(` } from './${file}'\n`)
    expect(readdirSync(import.meta.dirname)).toContain(file.replace('.ts', '.test.ts'))
  })

  test.each(SINKS.flatMap(({ types, example }) => types.map((type) => [type, example] as const)))(
    'include %s, which is made of its example',
    async (type, example) => {
      const sink = await createSink(sinkOptions.parse({ type, ...example }), testContext())
      expect(sink.name).toBe(type)
      await sink.close()
    },
  )

  test.each(SINKS.map((sink) => [sink.types.join(', '), sink] as const))(
    'are of the types that their options name: %s',
    (_, { types, options }) => {
      expect([...options.shape.type._zod.values]).toEqual(types)
    },
  )

  test('are in the order of their types', () => {
    const types = SINKS.map(({ types: [type] }) => type)
    expect(types).toEqual(types.toSorted((a = '', b = '') => (a < b ? -1 : 1)))
  })
})

// What the thread that reads the configuration has of all sinks, whichever are configured.
describe('the definitions of sinks', () => {
  const IMPLEMENTATION = /\/src\/sinks\/[^/]+\/(.+-sink|isolated-module)\.ts$/
  /** What talks to somebody, packs, starts something, or is a package. */
  const HEAVY = /^node:(http|https|http2|net|tls|dgram|dns|zlib|worker_threads)$|\/node_modules\/(?!zod\/)/

  test('load nothing that sends', async () => {
    const loaded = await loadedBy(`import './options.ts'`)
    expect(loaded.filter((url) => url.endsWith('/sinks/newrelic.ts'))).toHaveLength(1)
    expect(loaded.filter((url) => IMPLEMENTATION.test(url) || HEAVY.test(url))).toEqual([])
  })

  test('load what one sink needs when it is made, and nothing of another', async () => {
    const loaded = await loadedBy(`
      import { otlpSink } from './otlp.ts'
      await otlpSink.create(otlpSink.options.parse({ type: 'otlp' }), {})
    `)
    expect(loaded.flatMap((url) => IMPLEMENTATION.exec(url)?.[1] ?? [])).toEqual(['otlp-sink'])
    expect(loaded.filter((url) => HEAVY.test(url))).toEqual(
      expect.arrayContaining(['node:http', 'node:zlib']),
    )
  })
})

/** Every module that a process of its own comes to load by this code, which stands in this folder. */
async function loadedBy(code: string): Promise<string[]> {
  const watch = `
    import { registerHooks } from 'node:module'
    const files = new Set()
    registerHooks({
      resolve(specifier, context, next) {
        const found = next(specifier, context)
        files.add(found.url)
        return found
      },
    })
    const before = new Set(process.moduleLoadList)
    process.on('exit', () => {
      // Whichever way it was asked for.
      const builtins = process.moduleLoadList.filter((name) => !before.has(name))
      const names = builtins.map((name) => name.replace('NativeModule ', 'node:'))
      process.stdout.write(JSON.stringify([...files, ...names]))
    })
  `
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ['--import', `data:text/javascript,${encodeURIComponent(watch)}`, '--input-type=module', '--eval', code],
    { cwd: import.meta.dirname },
  )
  return JSON.parse(stdout) as string[]
}
