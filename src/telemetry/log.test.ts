import { beforeEach, expect, test } from 'vitest'
import { createLineLog, type Log } from './log.ts'

let lines: Record<string, unknown>[]
let log: Log

beforeEach(() => {
  lines = []
  log = createLineLog({
    level: 'info',
    base: { thread: 'keeper' },
    write(text) {
      expect(text).toMatch(/^[^\n]*\n$/)
      lines.push(JSON.parse(text) as Record<string, unknown>)
    },
  })
})

test('a line has its level as a number, its time, whose it is, its fields and its text', () => {
  log.warn({ shards: [1, 2] }, 'a shard was late')
  const time = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/)
  expect(lines).toEqual([{ level: 40, time, thread: 'keeper', shards: [1, 2], msg: 'a shard was late' }])
  expect(Object.keys(lines[0] ?? {})).toEqual(['level', 'time', 'thread', 'shards', 'msg'])
})

test('fields can be left out', () => {
  log.info('stopping')
  expect(lines).toMatchObject([{ level: 30, msg: 'stopping' }])
})

test('what is less than the level is not written, and the level may change', () => {
  const all = (): void => {
    log.debug('d')
    log.info('i')
    log.warn('w')
    log.error('e')
  }
  const written = () => lines.splice(0).map(({ msg }) => msg)
  all()
  expect(written()).toEqual(['i', 'w', 'e'])
  log.level = 'error'
  all()
  expect(written()).toEqual(['e'])
  log.level = 'debug'
  all()
  expect(written()).toEqual(['d', 'i', 'w', 'e'])
  log.level = 'silent'
  all()
  expect(written()).toEqual([])
})

test('an error is told with its type, its message, its stack and its code', () => {
  const error = Object.assign(new TypeError('no such file'), { code: 'ENOENT' })
  log.error({ err: error }, 'it failed')
  const stack = expect.stringContaining('log.test.ts')
  expect(lines).toMatchObject([
    { err: { type: 'TypeError', message: 'no such file', code: 'ENOENT', stack }, msg: 'it failed' },
  ])
})

test('text from outside cannot end a line or pass for a field', () => {
  log.error({ reason: 'a\n{"level":10,"msg":"b"}' }, 'refused')
  expect(lines).toMatchObject([{ reason: 'a\n{"level":10,"msg":"b"}', msg: 'refused' }])
})
