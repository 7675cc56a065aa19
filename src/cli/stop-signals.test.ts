import { EventEmitter } from 'node:events'
import { expect, test } from 'vitest'
import { FakeClock } from '../lib/fake-clock.ts'
import { stopSignals } from './stop-signals.ts'

function listen() {
  const source = new EventEmitter()
  const clock = new FakeClock()
  const heard: (number | string)[] = []
  const signals = stopSignals(['SIGINT', 'SIGTERM', 'SIGHUP'], source, clock)
  void signals.first.then(() => heard.push('first'))
  void signals.second.then((code) => heard.push(code))
  return {
    heard,
    send: async (signal: string, afterMs = 0): Promise<void> => {
      clock.advance(afterMs)
      source.emit(signal)
      await new Promise((resolve) => setImmediate(resolve))
    },
  }
}

test.each(['SIGINT', 'SIGTERM', 'SIGHUP'])('%s means stop', async (signal) => {
  const { heard, send } = listen()
  expect(heard).toEqual([])
  await send(signal)
  expect(heard).toEqual(['first'])
})

test('signals within two seconds of the first are one: Ctrl-C through npm arrives twice', async () => {
  const { heard, send } = listen()
  await send('SIGINT')
  await send('SIGTERM', 10)
  await send('SIGINT', 1_989)
  expect(heard).toEqual(['first'])
})

test.each([
  ['SIGINT', 130],
  ['SIGTERM', 143],
  ['SIGHUP', 129],
])('a later %s means now, with exit code %i', async (signal, code) => {
  const { heard, send } = listen()
  await send('SIGTERM')
  await send(signal, 2_000)
  expect(heard).toEqual(['first', code])
  await send('SIGINT', 5_000)
  expect(heard.length).toBe(2)
})
