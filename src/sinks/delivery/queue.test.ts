import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { gaugesOf } from '../testdata/batches.ts'
import { type Parcel, ParcelQueue, pointsOf } from './queue.ts'

function parcelOf(points: number): Parcel {
  return { kind: 'flush', batch: gaugesOf(Array.from({ length: points }, (_, index) => `m${index}`)) }
}

function takeAll(queue: ParcelQueue): number[] {
  const sizes: number[] = []
  for (let parcel = queue.hold(); parcel !== undefined; parcel = queue.hold()) {
    sizes.push(pointsOf(parcel))
    queue.remove()
  }
  return sizes
}

describe('the queue of a sink', () => {
  test.each([
    { limit: 10, pushed: [3, 4, 3], kept: [3, 4, 3], evicted: 0 },
    { limit: 10, pushed: [3, 4, 4], kept: [4, 4], evicted: 3 },
    { limit: 10, pushed: [3, 4, 9], kept: [9], evicted: 7 },
    { limit: 10, pushed: [3, 40], kept: [40], evicted: 3 },
    { limit: 10, pushed: [40, 3], kept: [3], evicted: 40 },
    { limit: 3, pushed: [0, 0, 0, 0, 0], kept: [0, 0, 0], evicted: 0 },
  ])('of $limit points keeps $kept of $pushed', ({ limit, pushed, kept, evicted }) => {
    const queue = new ParcelQueue(limit)
    let evictedPoints = 0
    for (const points of pushed) evictedPoints += queue.push(parcelOf(points))
    expect(evictedPoints).toBe(evicted)
    expect(queue.points).toBe(kept.reduce((sum, points) => sum + points, 0))
    expect(takeAll(queue)).toEqual(kept)
    expect(queue.points).toBe(0)
  })

  test('spares what is being sent, and evicts it once it is given back', () => {
    const queue = new ParcelQueue(10)
    queue.push(parcelOf(6))
    const held = queue.hold()
    queue.push(parcelOf(3))
    expect(queue.push(parcelOf(4))).toBe(3)
    expect(queue.hold()).toBe(held)
    queue.release()
    expect(queue.push(parcelOf(2))).toBe(6)
    expect(takeAll(queue)).toEqual([4, 2])
  })

  test('gives away what is being sent when it is emptied', () => {
    const queue = new ParcelQueue(10)
    queue.push(parcelOf(6))
    queue.push(parcelOf(2))
    queue.hold()
    expect(total(queue.takeAll())).toBe(8)
    expect(queue.points).toBe(0)
    expect(queue.hold()).toBe(undefined)
  })

  test('loses no parcel and no order, whatever is done to it', () => {
    const operation = fc.oneof(
      { weight: 6, arbitrary: fc.record({ push: fc.nat(6) }) },
      { weight: 3, arbitrary: fc.constant('send' as const) },
      { weight: 1, arbitrary: fc.constant('fail' as const) },
    )
    fc.assert(
      fc.property(fc.array(operation, { maxLength: 300 }), (operations) => {
        const queue = new ParcelQueue(20)
        let waiting: Parcel[] = []
        for (const step of operations) {
          const held = queue.hold()
          expect(held).toBe(waiting[0])
          if (step === 'send') {
            if (held !== undefined) queue.remove()
            waiting.shift()
          } else if (step === 'fail') {
            queue.release()
          } else {
            const parcel = parcelOf(step.push)
            const evictedPoints = queue.push(parcel)
            waiting.push(parcel)
            const [first, ...others] = waiting
            // The oldest but the held one went, as few as needed.
            let evicted = 0
            while (total([first, ...others]) > 20 && others.length > 1) evicted += total([others.shift()])
            expect(evictedPoints).toBe(evicted)
            waiting = first === undefined ? [] : [first, ...others]
          }
          expect(queue.points).toBe(total(waiting))
        }
      }),
      { numRuns: 200 },
    )
  })
})

function total(parcels: readonly (Parcel | undefined)[]): number {
  return parcels.reduce((sum, parcel) => sum + (parcel === undefined ? 0 : pointsOf(parcel)), 0)
}
