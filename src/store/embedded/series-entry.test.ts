import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { systemClock } from '../../lib/clock.ts'
import type { SeriesIdentity } from '../../model/series-identity.ts'
import { createStoreSink } from '../../sinks/store.ts'
import { BASE_MS } from '../testdata/base-time.ts'
import { openEmbeddedStore } from './open-embedded-store.ts'

const timer = { metricKey: 't', metricType: 'timer' } as const
const identities: SeriesIdentity[] = [
  { ...timer, key: 't.std', statistic: 'std', rollup: 'mean' },
  { ...timer, key: 't.upper_99_9', statistic: 'upper', percentile: 99.9, rollup: 'max' },
  { ...timer, key: 't.lower_top10', statistic: 'lower', percentile: -10, rollup: 'min' },
  { ...timer, key: 't.histogram.bin_0', statistic: 'bin', upperEdge: 0, rollup: 'sum' },
  { ...timer, key: 't.histogram.bin_0_01', statistic: 'bin', upperEdge: 0.01, rollup: 'sum' },
  {
    ...timer,
    key: 't.histogram.bin_inf',
    statistic: 'bin',
    upperEdge: Number.POSITIVE_INFINITY,
    rollup: 'sum',
  },
]

test('every series is after a restart what it was before', async () => {
  const path = mkdtempSync(join(tmpdir(), 'kymo-log-'))
  try {
    const store = await openEmbeddedStore({ path })
    await createStoreSink({ ...store, clock: systemClock }).flush({
      timestampMs: BASE_MS,
      intervalMs: 10_000,
      series: identities,
      values: new Float64Array(identities.length),
      metricCounts: { counter: 0, gauge: 0, timer: 1, set: 0 },
    })
    await store.close()
    const again = await openEmbeddedStore({ path })
    expect(identities.map(({ key }) => again.catalog.get(key)?.identity)).toEqual(identities)
    await again.close()
  } finally {
    rmSync(path, { recursive: true })
  }
})
