import { describe, expect, test } from 'vitest'
import * as z from 'zod'
import { duration, label, port, secret, size } from '../lib/option.ts'
import { checkLayer } from './check-layer.ts'
import { emptyTree } from './layer.ts'
import { formatProblem } from './problem.ts'
import { describeSchema } from './schema-node.ts'
import { listSettings, REDACTED } from './settings.ts'

const part = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('a'), token: secret('Shown to nobody.'), port: port('A port.', 80) }),
  z.strictObject({ type: z.literal('b'), name: label('A name.') }),
])
const schema = z.strictObject({
  password: secret('Shown to nobody.'),
  timeout: duration('A time.', '10s'),
  buffer: size('A size.', '64KiB', { max: '1MiB' }),
  parts: z.array(part).prefault([]),
})
const root = describeSchema(schema)

function settingsOf(input: unknown): [string, unknown][] {
  return listSettings(root, input, () => ({ kind: 'default' })).map(({ key, value }) => [key, value])
}

function problemsOf(input: unknown): string[] {
  return checkLayer(schema, root, { input, values: new Map() }).map(formatProblem)
}

describe('a secret', () => {
  test('is not shown where values are listed', () => {
    const settings = settingsOf({
      password: 'hunter2',
      parts: [{ type: 'a', token: 'hunter2' }, { type: 'b' }],
    })
    expect(settings).toEqual([
      ['password', REDACTED],
      ['timeout', '10s'],
      ['buffer', '64KiB'],
      ['parts[0].type', 'a'],
      ['parts[0].token', REDACTED],
      ['parts[0].port', 80],
      ['parts[1].type', 'b'],
      ['parts[1].name', undefined],
    ])
    expect(JSON.stringify(settings)).not.toContain('hunter2')
  })

  test('that is not set shows as not set', () => {
    expect(settingsOf({})[0]).toEqual(['password', undefined])
  })

  test('that is wrong is not quoted', () => {
    const problems = problemsOf({ password: 12345, parts: [{ type: 'a', token: 'hunter2\0' }] })
    expect(problems).toEqual([
      'default  password: found something secret, wanted text',
      'default  parts[0].token: found something secret, wanted text without a NUL',
    ])
  })
})

describe('problems of quantities', () => {
  test('a size above its bound says the bound', () => {
    expect(problemsOf({ buffer: '2MiB' })).toEqual(['default  buffer: found "2MiB", wanted at most 1MiB'])
  })

  test('a bare number says what to write', () => {
    expect(problemsOf({ buffer: 64 })).toEqual([
      'default  buffer: found 64, wanted a size with its unit: write "64B"',
    ])
  })
})

test('keys that plain objects have already find no schema', () => {
  const input = Object.assign(emptyTree(), { ['__proto__']: 1, hasOwnProperty: 2 })
  expect(problemsOf(input)).toHaveLength(2)
})
