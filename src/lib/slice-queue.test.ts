import { expect, test } from 'vitest'
import { SliceQueue } from './slice-queue.ts'
import { atOnce, type Slices } from './slices.ts'

/** Each step takes a millisecond of this. */
function createClock() {
  let nowMs = 0
  return { monotonicMs: () => nowMs, pass: () => (nowMs += 1) }
}

function* steps(count: number, onStep: (step: number) => void, result = 'done'): Slices<string> {
  for (let step = 0; step < count; step++) {
    onStep(step)
    yield
  }
  return result
}

test('all at once', () => {
  const seen: number[] = []
  expect(atOnce(steps(5, (step) => seen.push(step)))).toBe('done')
  expect(seen).toEqual([0, 1, 2, 3, 4])
})

test('what is short does not wait for what is long', async () => {
  const clock = createClock()
  const queue = new SliceQueue(clock.monotonicMs)
  const order: string[] = []
  const run = (name: string, count: number) =>
    queue.run(steps(count, clock.pass)).then(() => order.push(name))
  await Promise.all([run('long', 1_000), run('longer', 2_000), run('short', 2)])
  expect(order).toEqual(['short', 'long', 'longer'])
})

test('in each turn there is time for others', async () => {
  const clock = createClock()
  const queue = new SliceQueue(clock.monotonicMs)
  let turns = 0
  let isDone = false
  const running = Promise.all([queue.run(steps(50, clock.pass)), queue.run(steps(50, clock.pass))])
  void running.then(() => (isDone = true))
  while (!isDone) {
    await new Promise((resolve) => setImmediate(resolve))
    turns++
  }
  expect(turns).toBeGreaterThan(30)
})

test('what it throws is what the promise rejects with, and others go on', async () => {
  const queue = new SliceQueue(createClock().monotonicMs)
  const failure = new Error('no')
  const failing = queue.run(
    steps(3, (step) => {
      if (step === 2) throw failure
    }),
  )
  const other = queue.run(steps(3, () => {}))
  await expect(failing).rejects.toBe(failure)
  await expect(other).resolves.toBe('done')
  await expect(queue.run(steps(1, () => {}))).resolves.toBe('done')
})

test('an aborted one is ended where it is', async () => {
  const clock = createClock()
  const queue = new SliceQueue(clock.monotonicMs)
  const aborting = new AbortController()
  const reason = new Error('nobody waits')
  let isClosed = false
  function* endless(): Slices<never> {
    try {
      for (let step = 0; ; step++) {
        clock.pass()
        if (step === 10) aborting.abort(reason)
        yield
      }
    } finally {
      isClosed = true
    }
  }
  await expect(queue.run(endless(), aborting.signal)).rejects.toBe(reason)
  expect(isClosed).toBe(true)
  await expect(queue.run(endless(), aborting.signal)).rejects.toBe(reason)
})
