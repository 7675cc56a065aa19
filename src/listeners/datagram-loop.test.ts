// With a kernel of our own, so that what it says and when is known; udp.test.ts and unix-datagram.test.ts have the real one.
import { setImmediate as nextTurn } from 'node:timers/promises'
import { expect, describe, test, onTestFinished, vi } from 'vitest'
import { systemClock } from '../lib/clock.ts'
import { FakeClock } from '../lib/fake-clock.ts'
import type { Libc } from '../lib/libc.ts'
import { DatagramLoop, type DatagramSource } from './datagram-loop.ts'

class FakeSource implements DatagramSource {
  readonly descriptor: number
  /** What each turn finds. */
  arrived: number[] = []
  turns = 0

  constructor(descriptor: number) {
    this.descriptor = descriptor
  }

  takeIn(): number {
    this.turns++
    return this.arrived.shift() ?? 0
  }
}

/** Of the descriptors that are waited for, and of what the kernel says: how many are readable. */
class FakeKernel {
  readonly waitedFor: number[][] = []
  naps = 0
  readable = 0
  #ends: (() => void)[] = []

  readonly libc: Pick<Libc, 'constants' | 'poll' | 'pollHere' | 'napHere'> = {
    constants: { POLLIN: 1 } as Libc['constants'],
    poll: (descriptors, count) => {
      if (descriptors.length === 0) return Promise.reject(new Error('BUG: poll without descriptors'))
      this.#note(descriptors, count)
      return new Promise((resolve) => this.#ends.push(() => resolve(this.readable)))
    },
    pollHere: (descriptors, count) => {
      this.#note(descriptors, count)
      return this.readable
    },
    napHere: () => {
      this.naps++
    },
  }

  /** Every wait under way is over. */
  end(): void {
    for (const end of this.#ends.splice(0)) end()
  }

  #note(descriptors: Uint8Array, count: number): void {
    const view = Buffer.from(descriptors.buffer, descriptors.byteOffset, descriptors.length)
    this.waitedFor.push(Array.from({ length: count }, (_, index) => view.readInt32LE(index * 8)))
  }
}

async function turns(count: number): Promise<void> {
  for (let turn = 0; turn < count; turn++) await nextTurn()
}

function create(waits: 'here' | 'aside', clock = new FakeClock()) {
  const kernel = new FakeKernel()
  const loop = new DatagramLoop({ libc: kernel.libc as Libc, clock, waits })
  const sources = [new FakeSource(7), new FakeSource(9)] as const
  onTestFinished(async () => {
    const removed = sources.map((source) => loop.remove(source))
    kernel.end()
    await Promise.all(removed)
  })
  return { kernel, loop, sources, clock }
}

describe.each(['here', 'aside'] as const)('a loop that waits %s', (waits) => {
  test('reads all of its sockets, and waits for all of them when there is nothing', async () => {
    const { kernel, loop, sources } = create(waits)
    const [first, second] = sources
    first.arrived = [1, 1, 1]
    for (const source of sources) loop.add(source)
    await turns(20)
    expect(first.arrived).toEqual([])
    expect(second.turns).toBeGreaterThanOrEqual(3)
    expect(kernel.waitedFor.at(-1)).toEqual([7, 9])
  })

  test('lets others have their turn while something comes without end', async () => {
    const { loop, sources } = create(waits)
    sources[0].arrived = Array<number>(1_000_000).fill(64)
    loop.add(sources[0])
    await turns(10)
    expect(sources[0].turns).toBeLessThan(50)
  })

  test('rests where a socket is said to be readable and has nothing', async () => {
    const { kernel, loop, sources, clock } = create(waits)
    kernel.readable = 1
    loop.add(sources[0])
    for (let time = 0; time < 5; time++) {
      kernel.end()
      await turns(4)
    }
    const waitCount = kernel.waitedFor.length
    expect(waitCount).toBeLessThanOrEqual(2)
    clock.advance(20)
    await turns(4)
    expect(kernel.waitedFor.length).toBeGreaterThan(waitCount)
  })

  test('whose last socket goes while it rests is over, and begins again with the next', async () => {
    const { kernel, loop, sources, clock } = create(waits)
    kernel.readable = 1
    loop.add(sources[0])
    await turns(4)
    kernel.end()
    await turns(4)
    await loop.remove(sources[0])
    clock.advance(20)
    await turns(4)
    const { turns: turnsBefore } = sources[0]
    kernel.readable = 0
    sources[1].arrived = [3]
    loop.add(sources[1])
    await turns(8)
    expect(sources[0].turns).toBe(turnsBefore)
    expect(sources[1].arrived).toEqual([])
    expect(kernel.waitedFor.at(-1)).toEqual([9])
  })

  test('neither reads nor waits for what was removed', async () => {
    const { kernel, loop, sources } = create(waits)
    for (const source of sources) loop.add(source)
    await turns(5)
    const removed = loop.remove(sources[0])
    kernel.end()
    await removed
    const { turns: turnsBefore } = sources[0]
    await turns(5)
    kernel.end()
    await turns(5)
    expect(sources[0].turns).toBe(turnsBefore)
    expect(kernel.waitedFor.at(-1)).toEqual([9])
  })
})

test('a socket may be closed only when the wait for it is over', async () => {
  const { kernel, loop, sources } = create('aside')
  loop.add(sources[0])
  await turns(5)
  let isRemoved = false
  const removed = loop.remove(sources[0]).then(() => (isRemoved = true))
  await turns(5)
  expect(isRemoved).toBe(false)
  kernel.end()
  await removed
})

test('a thread that waits itself naps while a crowd arrives, and not for a few', async () => {
  const kernel = new FakeKernel()
  const loop = new DatagramLoop({ libc: kernel.libc as Libc, clock: systemClock, waits: 'here' })
  const source = new FakeSource(7)
  kernel.readable = 1
  source.arrived = [0, 1, 2, 3, 0]
  loop.add(source)
  await turns(3)
  expect([kernel.naps, source.arrived]).toEqual([0, []])
  source.arrived = [64, 64, 0]
  await vi.waitUntil(() => kernel.naps > 0, { timeout: 10_000 })
  await loop.remove(source)
})
