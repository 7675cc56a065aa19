import { expect, test } from 'vitest'
import { FakeClock } from '../lib/fake-clock.ts'
import { LogDestination } from './log-destination.ts'

/** A pipe with room for so many bytes. */
function pipe(room = Infinity) {
  const clock = new FakeClock()
  const state = { text: '', room, error: undefined as string | undefined, attempts: 0 }
  const destination = new LogDestination({
    descriptor: 2,
    clock,
    write(_, bytes) {
      state.attempts++
      const code = state.error ?? (state.room === 0 ? 'EAGAIN' : undefined)
      if (code !== undefined) throw Object.assign(new Error(code), { code })
      const taken = bytes.subarray(0, Math.min(state.room, bytes.length))
      state.text += Buffer.from(taken).toString()
      state.room -= taken.length
      return taken.length
    },
  })
  return { clock, state, destination }
}

test('a line is out when write returns', () => {
  const { destination, state } = pipe()
  destination.write('one\n')
  destination.write('zwölf\n')
  expect(state.text).toBe('one\nzwölf\n')
})

test('what a full pipe does not take follows when there is room, whole and in order', () => {
  const { clock, destination, state } = pipe(6)
  destination.write('first\n')
  destination.write('second\n')
  destination.write('third\n')
  state.room = 3
  clock.advance(50)
  expect(state.text).toBe('first\nsec')
  state.room = Infinity
  clock.advance(50)
  expect(state.text).toBe('first\nsecond\nthird\n')
})

test('a reader that sleeps costs neither time nor memory, and is told what it missed', () => {
  const { clock, destination, state } = pipe(0)
  const line = `${'x'.repeat(1_023)}\n`
  for (let count = 0; count < 300; count++) destination.write(line)
  expect(state.attempts).toBe(1)
  state.room = Infinity
  clock.advance(50)
  const lines = state.text.trimEnd().split('\n')
  expect(lines.length).toBe(257)
  expect(JSON.parse(lines.at(-1) ?? '')).toMatchObject({ level: 40, lines: 44 })
})

test('a reader that is gone is nothing to complain about', () => {
  const { clock, destination, state } = pipe()
  state.error = 'EPIPE'
  destination.write('lost\n')
  clock.advance(1_000)
  state.error = undefined
  destination.write('found\n')
  expect(state.text).toBe('found\n')
})
