import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { EXAMPLE } from '../scripts/reference/config-page.ts'
import { REFERENCE_PAGES } from '../scripts/reference/pages.ts'
import { COMMANDS } from '../src/cli/commands.ts'
import { FLAGS } from '../src/config/flags.ts'
import { loadConfig } from '../src/config/load.ts'
import { listOptions } from '../src/config/option-table.ts'
import { variableOf } from '../src/config/read-environment.ts'
import { configSchema } from '../src/config/schema.ts'
import { describeSchema, type SchemaNode } from '../src/config/schema-node.ts'
import { SINKS, sinkOptions } from '../src/sinks/options.ts'
import { ERROR_CATALOG } from '../src/telemetry/errors.ts'
import { OWN_METRICS } from '../src/telemetry/own-metrics.ts'

const root = path.join(import.meta.dirname, '..')
const read = (file: string): string => readFileSync(path.join(root, 'docs/reference', file), 'utf8')
const sinkTypes = SINKS.flatMap(({ types }) => types).toSorted()
const schema = describeSchema(configSchema)
const options = listOptions(schema)

test.each(Object.entries(REFERENCE_PAGES))(
  '%s is current; if not, run `npm run generate`',
  (file, render) => {
    expect(readFileSync(path.join(root, file), 'utf8')).toBe(render())
  },
)

describe('the reference is complete', () => {
  test('every error code has its heading', () => {
    const page = read('errors.md')
    const codes = Object.keys(ERROR_CATALOG)
    expect(codes.filter((code) => !page.includes(`\n## ${code}\n`))).toEqual([])
  })

  test('every own metric has its row', () => {
    const page = read('own-metrics.md')
    expect(Object.keys(OWN_METRICS).filter((name) => !page.includes(`| \`${name}\` |`))).toEqual([])
  })

  test('every option has its row, with its variable', () => {
    const page = read('config.md')
    const missing = options.filter(
      (option) => !page.includes(`| \`${option.key}\` |`) || !page.includes(`\`${variableOf(option)}\``),
    )
    expect(missing).toEqual([])
  })

  test('every sink has its heading', () => {
    const headings = read('config.md')
      .match(/(?<=^### ).*$/gm)
      ?.flatMap((heading) => heading.split(', '))
    expect(headings?.toSorted()).toEqual(sinkTypes)
  })

  test('every sink is in the list of sinks, with an example that is a good configuration', () => {
    const rows = [...read('sinks.md').matchAll(/^\| `([^|]+)` \| [^|]+ \| `([^|]+)` \|$/gm)]
    const listed = rows.map(([, types = '', example = '']) => [types.split('`, `'), example] as const)
    expect(listed.flatMap(([types]) => types).toSorted()).toEqual(sinkTypes)
    for (const [[type], example] of listed) expect(sinkOptions.parse(parse(example))).toMatchObject({ type })
  })

  test('every flag and command has its row', () => {
    const page = read('cli.md')
    expect(FLAGS.filter(({ name }) => !page.includes(`| \`--${name}`))).toEqual([])
    expect(COMMANDS.filter(({ name }) => !page.includes(`| \`kymo ${name}`))).toEqual([])
  })

  test('every option, section and option of a sink is described, in sentences', () => {
    expect(undescribed(schema, '')).toEqual([])
  })
})

test('no two options have one variable', () => {
  const variables = options.map(variableOf)
  expect(variables).toEqual([...new Set(variables)])
})

test('every flag that names an option names one that exists', () => {
  const keys = new Set(options.map(({ key }) => key))
  expect(FLAGS.filter(({ key }) => key !== undefined && !keys.has(key))).toEqual([])
})

test('the example in the reference is a good configuration', () => {
  const readFile = (): Uint8Array => new TextEncoder().encode(EXAMPLE)
  const { config } = loadConfig({ command: 'start', argv: ['x.yaml'], env: {}, cwd: '/', readFile })
  expect(config.sinks).toMatchObject([{ type: 'graphite', host: 'carbon.example.net' }])
  const schemaPath = /\$schema=\.\/node_modules\/kymo\/(\S+)/.exec(EXAMPLE)?.[1]
  expect(existsSync(path.join(root, schemaPath ?? 'none'))).toBe(true)
})

test('the published JSON Schema refuses unknown keys and bare numbers, and holds none of our own words', () => {
  const published = JSON.parse(read('config.schema.json')) as SchemaNode & { additionalProperties?: boolean }
  expect(published.additionalProperties).toBe(false)
  expect(published.properties?.flush?.properties?.interval).toMatchObject({ type: 'string', default: '10s' })
  expect(JSON.stringify(published)).not.toMatch(/"(kind|least|most|noun|secret|isReloadable)":/)
})

function undescribed(node: SchemaNode, key: string): string[] {
  const isType = key.endsWith('.type')
  const isDescribed = isType || key === '' || /^\S.*\.$/.test(node.description ?? '')
  const below = Object.entries(node.properties ?? {}).flatMap(([name, child]) =>
    undescribed(child, key === '' ? name : `${key}.${name}`),
  )
  const variants = (node.items?.oneOf ?? []).flatMap((variant, index) =>
    undescribed(variant, `${key}[${index}]`),
  )
  const entries = node.items?.properties === undefined ? [] : Object.entries(node.items.properties)
  const ofEntries = entries.flatMap(([name, child]) => undescribed(child, `${key}[].${name}`))
  return [...(isDescribed ? [] : [key]), ...below, ...variants, ...ofEntries]
}
