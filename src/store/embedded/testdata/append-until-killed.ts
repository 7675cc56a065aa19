// A process that appends until it is killed, and says after each sync how far it is: everything up to there has to
// be found again. It starts behind the slot it is given.
import { BASE_MS } from '../../testdata/base-time.ts'
import { openEmbeddedStore } from '../open-embedded-store.ts'

const [path = '', firstSlot = '0'] = process.argv.slice(2)
const { engine } = await openEmbeddedStore({ path, segmentBytes: 4_096 })

for (let slot = Number(firstSlot); ; slot++) {
  const timeMs = BASE_MS + slot * 10_000
  const series = ['a', `only.${slot}`].map((key) => {
    return { key, metricKey: key, metricType: 'untyped', statistic: 'value', rollup: 'last' } as const
  })
  const timesMs = Float64Array.of(timeMs, timeMs)
  engine.append({ kind: 'number', series, timesMs, values: Float64Array.of(slot, -slot) }, 'flush')
  await engine.sync()
  process.stdout.write(`${slot}\n`)
}
