import { openSync, fstatSync, closeSync } from 'node:fs'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { FakeClock } from '../lib/fake-clock.ts'
import { silentLog } from '../telemetry/log.ts'
import type { IntakeCalls } from './calls.ts'
import { LateStream } from './late-stream.ts'
import type { Link } from './rpc.ts'
import type { Thread } from './supervisor.ts'

const opened: number[] = []

afterEach(() => {
  for (const descriptor of opened.splice(0)) {
    try {
      closeSync(descriptor)
    } catch {
      // As it should be.
    }
  }
})

interface Watcher {
  /** What it answers to `endWatch`. */
  readonly isSomebodyThere?: boolean
  /** What it answers to `watch`. */
  readonly canWatch?: boolean
}

function scene(start: () => Promise<void> = async () => {}, watcher: Watcher | undefined = {}) {
  const asked: string[] = []
  const clock = new FakeClock()
  const thread = { link: () => 'its link' } as unknown as Thread<IntakeCalls>
  const link = {
    call: async (method: string, argument: unknown) => {
      asked.push(`${method} ${JSON.stringify(argument)}`)
      return method === 'watch' ? watcher?.canWatch !== false : watcher?.isSomebodyThere === true
    },
  } as unknown as Link<IntakeCalls>
  let starts = 0
  const late = new LateStream({
    async start() {
      starts++
      await start()
      return thread
    },
    discard: async () => void asked.push('discard'),
    watcher: () => (watcher === undefined ? undefined : link),
    clock,
    log: silentLog,
  })
  /** Any file will do for a socket. */
  const descriptor = openSync('/dev/null', 'r')
  opened.push(descriptor)
  const port = { transport: 'tcp', host: '127.0.0.1', port: 1, descriptor } as const
  return {
    late,
    clock,
    asked,
    starts: () => starts,
    descriptor,
    hold: () => late.hold([{ service: 'statsd', name: 'statsd-tcp', ports: [port] }]),
    isOpen: () => {
      try {
        return fstatSync(descriptor).isCharacterDevice()
      } catch {
        return false
      }
    },
  }
}

const settled = () => new Promise((resolve) => setImmediate(resolve))

test('the thread is started once, by whoever comes first, and has what was held', async () => {
  const { late, hold, starts, isOpen } = scene()
  hold()
  expect([starts(), isOpen()]).toEqual([0, true])
  late.arrived()
  const links = await Promise.all([late.link(), late.link()])
  late.arrived()
  expect(links).toEqual(['its link', 'its link'])
  expect([starts(), isOpen(), late.held]).toEqual([1, false, []])
})

test('what is held stays until the thread is open', async () => {
  const opening = Promise.withResolvers<void>()
  const { late, hold, isOpen } = scene(() => opening.promise)
  hold()
  late.arrived()
  await settled()
  expect(isOpen()).toBe(true)
  opening.resolve()
  await late.link()
  expect(isOpen()).toBe(false)
})

test('a thread that cannot be started is forgotten, and its ports are watched again', async () => {
  let failures = 1
  const { late, hold, starts, isOpen, asked, clock, descriptor } = scene(async () => {
    if (failures-- > 0) throw new Error('no room')
  })
  hold()
  await expect(late.link()).rejects.toThrow('no room')
  expect([asked, isOpen()]).toEqual([['discard'], true])
  clock.advance(1_000)
  expect(asked.at(-1)).toBe(`watch [${descriptor}]`)
  await settled()
  expect(starts()).toBe(1)
  late.arrived()
  await vi.waitUntil(() => !isOpen())
  expect(starts()).toBe(2)
})

test('where nobody can watch, the thread is started', async () => {
  const { late, hold, starts } = scene(undefined, { canWatch: false })
  hold()
  late.watch()
  await settled()
  expect(starts()).toBe(1)
})

describe('when it is closed', () => {
  test.each([
    ['nobody is there', { isSomebodyThere: false }, 0],
    ['somebody came just before', { isSomebodyThere: true }, 1],
  ] as const)('and %s', async (_case, watcher, expected) => {
    const { late, hold, starts, isOpen } = scene(undefined, watcher)
    hold()
    await late.close()
    late.arrived()
    await settled()
    expect([starts(), isOpen()]).toEqual([expected, false])
  })

  test('and is being started, that is waited for', async () => {
    const opening = Promise.withResolvers<void>()
    const { late, hold, isOpen, asked } = scene(() => opening.promise)
    hold()
    late.arrived()
    let isClosed = false
    const closing = late.close().then(() => (isClosed = true))
    await settled()
    expect([isClosed, isOpen()]).toEqual([false, true])
    opening.resolve()
    await closing
    expect([isOpen(), asked]).toEqual([false, []])
  })
})
