import { expect, test } from 'vitest'
import * as z from 'zod'
import { toUnixSocketConfig, unixSocketOptions } from './unix-options.ts'

const schema = z.strictObject(unixSocketOptions)

test('without a word there are no Unix sockets', () => {
  expect(toUnixSocketConfig(schema.parse({}), '/work')).toEqual({
    datagramPath: undefined,
    streamPath: undefined,
    mode: 0o722,
    framing: 'length',
    maxFrameBytes: 65_536,
  })
})

test('relative paths start at the working directory', () => {
  const values = schema.parse({ unix_datagram: 'run/d.sock', unix_stream: '/run/s.sock' })
  expect(toUnixSocketConfig(values, '/work')).toMatchObject({
    datagramPath: '/work/run/d.sock',
    streamPath: '/run/s.sock',
  })
})

test.each([
  ['0722', 0o722],
  ['660', 0o660],
  ['0000', 0],
])('the mode %s is octal', (text, wanted) => {
  expect(toUnixSocketConfig(schema.parse({ unix_mode: text }), '/').mode).toBe(wanted)
})

// 0722 without quotes is the number 722 in YAML, which nobody means.
test.each([
  [{ unix_mode: 722 }],
  [{ unix_mode: '0822' }],
  [{ unix_mode: '04722' }],
  [{ unix_mode: 'rwx' }],
  [{ unix_mode: '' }],
  [{ unix_datagram: '' }],
  [{ unix_stream: 'a\0b' }],
  [{ unix_framing: 'lf' }],
  [{ unix_max_frame: '64' }],
  [{ unix_max_frame: '1GiB' }],
])('%o is refused', (values) => {
  expect(schema.safeParse(values).success).toBe(false)
})
