import { expect, test } from 'vitest'
import * as z from 'zod'
import { choice, duration, integer, label, port, secret, size, text, toggle } from './option.ts'

const schema = z.strictObject({
  wait: duration('How long.', '10s', { min: '1s', max: '1h' }),
  buffer: size('How much.', '64KiB'),
  port: port('Where.', 2003, 1),
  count: integer('How many.', 3, { min: 1, max: 9 }),
  is_on: toggle('Whether.', true),
  colour: choice('Which.', ['red', 'green'], 'red'),
  host: text('Who.', 'localhost'),
  name: label('What.'),
  key: secret('Hush.'),
})

test('defaults are given as in a file and arrive in the base unit', () => {
  expect(schema.parse({})).toEqual({
    wait: 10_000,
    buffer: 65_536,
    port: 2003,
    count: 3,
    is_on: true,
    colour: 'red',
    host: 'localhost',
  })
})

test('values are read as they are written', () => {
  expect(schema.parse({ wait: '1.5s', buffer: '1MiB', name: 'a-b_1', key: 'k' })).toMatchObject({
    wait: 1500,
    buffer: 2 ** 20,
    name: 'a-b_1',
    key: 'k',
  })
})

test.each<[string, unknown]>([
  ['wait', 10],
  ['wait', '500ms'],
  ['wait', '2h'],
  ['wait', '10'],
  ['wait', null],
  ['buffer', '64K'],
  ['buffer', -1],
  ['port', 0],
  ['port', 65_536],
  ['port', '2003'],
  ['count', 1.5],
  ['is_on', 'yes'],
  ['colour', 'blue'],
  ['host', ''],
  ['host', 'a\0b'],
  ['name', '-a'],
  ['name', 'a b'],
  ['name', 'a'.repeat(65)],
  ['key', ''],
])('%s may not be %j', (key, value) => {
  expect(schema.safeParse({ [key]: value }).success).toBe(false)
})

test('a limit that is no quantity is our own mistake', () => {
  expect(() => duration('How long.', '1s', { min: '10' })).toThrow(/^BUG/)
})

test('the JSON Schema carries descriptions, defaults and patterns', () => {
  const { properties = {} } = z.toJSONSchema(schema, { io: 'input' })
  expect(properties.wait).toMatchObject({ type: 'string', default: '10s', description: 'How long.' })
  const pattern = new RegExp((properties.wait as { pattern: string }).pattern)
  expect(['10s', '1.5h', '10', '10 s'].map((value) => pattern.test(value))).toEqual([
    true,
    true,
    false,
    false,
  ])
  expect(properties.key).toMatchObject({ secret: true })
})
