import type { SeriesToRead } from '../../src/store/engine.ts'
import { openEmbeddedStore, openReader } from '../../src/store/index.ts'
import { keptAsTheyCome } from '../../src/store/rules/index.ts'
import { WrongAnswer } from '../ingest/wrong-answer.ts'
import type { PointSet } from './point-set.ts'

/** Reads all that a stopped Kymo has, and compares each point bit by bit. */
export async function checkStoredPoints(path: string, set: PointSet): Promise<void> {
  const store = await openEmbeddedStore({ path, rules: keptAsTheyCome(3_650 * 86_400_000) })
  try {
    const reader = openReader(store.engine.share())
    const series = set.series.map(({ name }): SeriesToRead => ({ key: name, rollup: 'last' }))
    const { startMs, stepMs } = set
    const steps = set.series[0]?.values.length ?? 0
    const range = { startMs, endMs: startMs + steps * stepMs }
    let place = 0
    for await (const { key, values } of reader.read({ series, range, stepMs })) {
      checkValues(key, values, set.series[place++]?.values ?? new Float64Array(0))
    }
    if (place !== series.length) throw new WrongAnswer(`${place} of ${series.length} series came back`)
    await reader.close()
  } finally {
    await store.close()
  }
}

export function checkValues(name: string, found: Float64Array, wanted: Float64Array): void {
  if (found.length !== wanted.length)
    throw new WrongAnswer(`${name} has ${found.length} points and not ${wanted.length}`)
  for (let step = 0; step < wanted.length; step++) {
    if (!Object.is(found[step], wanted[step]))
      throw new WrongAnswer(`point ${step} of ${name} is ${found[step]} and not ${wanted[step]}`)
  }
}
