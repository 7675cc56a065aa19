import { expect, test } from 'vitest'
import { FakeClock } from '../../lib/fake-clock.ts'
import { PieceMeter } from './piece-meter.ts'

test('the time between pieces is that of the sending, the time for them that of the encoding', () => {
  const clock = new FakeClock()
  function* pieces() {
    clock.advance(3)
    yield 'größe 1\n'
    clock.advance(4)
    yield 'b 2\n'
    clock.advance(5)
  }
  const meter = new PieceMeter(clock)
  clock.advance(100)
  const sent: string[] = []
  for (const piece of meter.measure(pieces())) {
    sent.push(piece)
    clock.advance(10)
  }
  expect(sent).toEqual(['größe 1\n', 'b 2\n'])
  expect(meter.read()).toEqual({ encodingMs: 12, sendingMs: 120, bytes: 14 })
})
