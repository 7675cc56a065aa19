import { EventEmitter } from 'node:events'
import { expect, test } from 'vitest'
import { takeHangups } from './hangups.ts'

test('those that come before anybody listens count as one, and later ones each', () => {
  const source = new EventEmitter()
  const hangups = takeHangups(source)
  source.emit('SIGHUP')
  source.emit('SIGHUP')
  let calls = 0
  hangups.listen(() => calls++)
  expect(calls).toBe(1)
  source.emit('SIGHUP')
  expect(calls).toBe(2)
})

test('while none has come, nobody is called', () => {
  let calls = 0
  takeHangups(new EventEmitter()).listen(() => calls++)
  expect(calls).toBe(0)
})
