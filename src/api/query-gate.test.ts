import { expect, test } from 'vitest'
import { FakeClock } from '../lib/fake-clock.ts'
import { createQueryGate } from './query-gate.ts'

const never = new AbortController().signal

/** A task that runs until told. */
function controlled() {
  let finish: () => void = () => {}
  let fail: (error: Error) => void = () => {}
  let isStarted = false
  const task = (): Promise<string> => {
    isStarted = true
    return new Promise((resolve, reject) => {
      finish = () => resolve('done')
      fail = reject
    })
  }
  return { task, finish: () => finish(), fail: (error: Error) => fail(error), isStarted: () => isStarted }
}

function setUp() {
  const clock = new FakeClock()
  const gate = createQueryGate({ maxRunning: 2, maxWaiting: 2, maxWaitMs: 10_000, maxRunMs: 60_000, clock })
  return { clock, gate }
}

const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

test('as many run as may, the next wait in order, and those beyond are sent away', async () => {
  const { gate } = setUp()
  const tasks = [controlled(), controlled(), controlled(), controlled()]
  const results = tasks.map(({ task }) => gate.run(never, task))
  await expect(gate.run(never, controlled().task)).rejects.toMatchObject({ code: 'server-busy' })
  expect(tasks.map((task) => task.isStarted())).toEqual([true, true, false, false])

  tasks[1]?.finish()
  await settle()
  expect(tasks.map((task) => task.isStarted())).toEqual([true, true, true, false])

  tasks[0]?.fail(new Error('a query that fails leaves its place too'))
  await expect(results[0]).rejects.toThrow('leaves its place')
  await settle()
  expect(tasks.map((task) => task.isStarted())).toEqual([true, true, true, true])

  tasks[2]?.finish()
  tasks[3]?.finish()
  await expect(Promise.all(results.slice(1))).resolves.toEqual(['done', 'done', 'done'])
})

test('a task that throws at once leaves its place', async () => {
  const { gate } = setUp()
  for (let i = 0; i < 5; i++) {
    await expect(
      gate.run(never, () => {
        throw new Error('at once')
      }),
    ).rejects.toThrow('at once')
  }
  await expect(gate.run(never, () => Promise.resolve(1))).resolves.toBe(1)
})

test('one whose client leaves while it waits gives up its place in the line', async () => {
  const { gate } = setUp()
  const running = [controlled(), controlled()]
  const results = running.map(({ task }) => gate.run(never, task))
  const abandoned = controlled()
  const abort = new AbortController()
  const abandonedResult = gate.run(abort.signal, abandoned.task)
  const patient = controlled()
  const patientResult = gate.run(never, patient.task)

  abort.abort()
  await expect(abandonedResult).rejects.toThrow('aborted')
  running[0]?.finish()
  await settle()
  expect(abandoned.isStarted()).toBe(false)
  expect(patient.isStarted()).toBe(true)
  running[1]?.finish()
  patient.finish()
  await Promise.all([...results, patientResult])

  await expect(gate.run(abort.signal, () => Promise.resolve(1))).rejects.toThrow('aborted')
  await expect(gate.run(never, () => Promise.resolve(1))).resolves.toBe(1)
})

test('nobody waits for ever', async () => {
  const { gate, clock } = setUp()
  const running = [controlled(), controlled()]
  const results = running.map(({ task }) => gate.run(never, task))
  const late = controlled()
  const lateResult = gate.run(never, late.task)
  clock.advance(9_999)
  expect(late.isStarted()).toBe(false)
  clock.advance(1)
  await expect(lateResult).rejects.toMatchObject({ code: 'server-busy' })
  for (const task of running) task.finish()
  await Promise.all(results)
  expect(late.isStarted()).toBe(false)
})

test('a query that takes too long is told to end, and leaves its place', async () => {
  const { gate, clock } = setUp()
  const untilAborted = (signal: AbortSignal): Promise<never> =>
    new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error)))
  const results = [gate.run(never, untilAborted), gate.run(never, untilAborted)]
  const next = controlled()
  clock.advance(55_000)
  const nextResult = gate.run(never, next.task)
  clock.advance(4_999)
  expect(next.isStarted()).toBe(false)
  clock.advance(1)
  for (const result of results) await expect(result).rejects.toMatchObject({ code: 'query-too-long' })
  await settle()
  expect(next.isStarted()).toBe(true)
  next.finish()
  await expect(nextResult).resolves.toBe('done')
})

test('a client that leaves ends the query that runs for it', async () => {
  const { gate } = setUp()
  const abort = new AbortController()
  const result = gate.run(
    abort.signal,
    (signal) =>
      new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error))),
  )
  abort.abort(new Error('it left'))
  await expect(result).rejects.toThrow('it left')
})
