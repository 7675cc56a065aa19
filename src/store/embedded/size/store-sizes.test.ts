import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { flushOf } from '../../engine.conformance.ts'
import { openReader, readStoreStats } from '../../index.ts'
import type { OpenStore } from '../../open-store.ts'
import type { StoredSizes } from '../../sizes.ts'
import { BASE_MS } from '../../testdata/base-time.ts'
import { LogFixture, sealerHere } from '../testdata/log-fixture.ts'
import { TierHistory } from '../testdata/tier-history.ts'

const KEYS = [
  'a',
  'a-b.c',
  'a.b',
  ...Array.from({ length: 900 }, (_, index) => `a.b.c${index}`),
  'a.c;env=x.y',
  'a.c;env=z',
  'b.c',
]

let fixture: LogFixture
beforeEach(() => {
  fixture = new LogFixture()
})
afterEach(() => fixture.remove())

/** A flush each ten seconds, of every series. */
function append({ engine }: OpenStore, flushes: number, fromMs = BASE_MS): void {
  for (let flush = 0; flush < flushes; flush++) {
    const values = KEYS.map((_, place) => place * 1.25 + flush * (place % 7))
    engine.appendFlush(flushOf(KEYS, fromMs + flush * 10_000, values))
  }
}

const pointsOf = ({ ofChildren }: StoredSizes) => ofChildren.map(({ points }) => points)

async function check(store: OpenStore, flushes: number): Promise<StoredSizes> {
  const reader = openReader(store.engine.share())
  const ask = (prefix: string, children: string[]) => reader.sizes({ prefix, children })
  const all = await ask('', ['a', 'a-b', 'b'])
  // The second time it is remembered.
  for (let turn = 0; turn < 2; turn++) {
    expect(pointsOf(await ask('', ['a', 'a-b', 'b', 'c']))).toEqual([904 * flushes, flushes, flushes, 0])
    const below = await ask('a', ['a', 'a.b', 'a.c'])
    expect(pointsOf(below)).toEqual([flushes, 901 * flushes, 2 * flushes])
    expect(below.others).toEqual({ points: 0, slots: 0, bytes: 0 })
    expect(pointsOf(await ask('a.c', ['a.c;env=x.y', 'a.c;env=z']))).toEqual([flushes, flushes])
    expect(pointsOf(await ask('a.b', ['a.b', 'a.b.c7']))).toEqual([flushes, flushes])
    expect((await ask('a.b', ['a.b', 'a.b.c7'])).others.points).toBe(899 * flushes)
    expect(pointsOf(await ask(';env', [';env=x.y', ';env=z', ';env=']))).toEqual([flushes, flushes, 0])
    expect((await ask(';env', [';env=z'])).others.points).toBe(flushes)
  }
  await reader.close()
  return all
}

function bytesIn(...names: string[]): number {
  return names
    .flatMap((name) =>
      readdirSync(join(fixture.path, name), { recursive: true, encoding: 'utf8' }).map((file) =>
        join(name, file),
      ),
    )
    .map((file) => statSync(join(fixture.path, file)))
    .reduce((sum, stat) => sum + (stat.isFile() ? stat.size : 0), 0)
}

const sumOf = (sizes: StoredSizes) =>
  [...sizes.ofChildren, sizes.others].reduce((sum, { bytes }) => sum + bytes, 0)

test('of the log each series has its share', async () => {
  const store = await fixture.open()
  append(store, 5)
  const sizes = await check(store, 5)
  expect(Math.abs(sumOf(sizes) - bytesIn('log'))).toBeLessThan(3)
  await store.close()
})

test('of blocks each series has its share, and the log goes on', async () => {
  const store = await fixture.open({ packer: sealerHere() })
  append(store, 20)
  await store.close()
  const again = await fixture.open({ packer: sealerHere() })
  append(again, 3, BASE_MS + 200_000)
  await expect.poll(() => readdirSync(join(fixture.path, 'blocks')).length).toBeGreaterThan(0)
  const sizes = await check(again, 23)
  // All but headers, roots and trailers.
  const share = sumOf(sizes) / bytesIn('log', 'blocks')
  expect(share).toBeGreaterThan(0.9)
  expect(share).toBeLessThanOrEqual(1)
  await again.close()
})

test('of tiers too', async () => {
  const history = new TierHistory()
  await history.open()
  await history.live(['a.b', 'a.c', 'b'], 6)
  const reader = openReader(history.store.engine.share())
  const { ofChildren, others } = await reader.sizes({ prefix: '', children: ['a', 'b'] })
  const { tiers, pointCount } = readStoreStats(history.fixture.path)
  const slots = tiers.reduce((sum, { slotCount }) => sum + slotCount, 0)
  expect(slots).toBeGreaterThan(0)
  expect(ofChildren.map((size) => size.slots)).toEqual([(slots / 3) * 2, slots / 3])
  expect(ofChildren.reduce((sum, { points }) => sum + points, 0)).toBe(pointCount)
  expect(others).toEqual({ points: 0, slots: 0, bytes: 0 })
  await reader.close()
  await history.store.close()
  history.fixture.remove()
})

test('nobody waits for what he does not want any more', async () => {
  const store = await fixture.open({ packer: sealerHere() })
  append(store, 2)
  const reader = openReader(store.engine.share())
  const controller = new AbortController()
  controller.abort(new Error('gone'))
  await expect(reader.sizes({ prefix: '', children: [] }, controller.signal)).rejects.toThrow('gone')
  await reader.close()
  await store.close()
})
