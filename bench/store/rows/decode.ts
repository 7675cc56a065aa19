import { encodeGroup, GroupDecoder, type Chunk } from '../../../src/store/embedded/codec/chunk-group.ts'
import { atLeast } from '../../ingest/criterion.ts'
import { Rounds } from '../../ingest/rounds.ts'
import type { Row } from '../../ingest/row.ts'
import { quickMetrics, type PointSet } from '../point-set.ts'
import { checkValues } from '../stored-points.ts'

const SEED = 4
const PER_KIND = 8
const POINTS_PER_CHUNK = 4_096
const POINTS_PER_GROUP = 8_192
const INTEGER_KINDS = /\.(requests|errors|memory|total|setting|uptime)\./
const REPEATS = 15

/** The decoder alone, in one thread, on chunks as merged blocks have them. */
export const decode: Row = {
  name: 'decode',
  about: 'unpacking chunks of many series, one core: decimals, and integers and constants',
  async run() {
    const set = quickMetrics(SEED, PER_KIND, POINTS_PER_CHUNK)
    const rounds = new Rounds()
    const kinds = {
      decimals: set.series.filter(({ name }) => !INTEGER_KINDS.test(name)),
      integers: set.series.filter(({ name }) => INTEGER_KINDS.test(name)),
    }
    for (const [kind, series] of Object.entries(kinds)) measure(kind, { ...set, series }, rounds)
    return {
      figures: rounds.spreads(),
      criteria: [
        atLeast(50, 'decimals, million points a second', rounds.median('decimalsMillionPointsPerSecond')),
        atLeast(
          100,
          'integers and constants, million points a second',
          rounds.median('integersMillionPointsPerSecond'),
        ),
      ],
    }
  },
}

function measure(kind: string, set: PointSet, rounds: Rounds): void {
  const chunks = set.series.map(
    ({ values }): Chunk => ({
      timesMs: Float64Array.from(values, (_, step) => set.startMs + step * set.stepMs),
      values,
    }),
  )
  const groups: Chunk[][] = []
  for (let next = 0; next < chunks.length; next += POINTS_PER_GROUP / POINTS_PER_CHUNK)
    groups.push(chunks.slice(next, next + POINTS_PER_GROUP / POINTS_PER_CHUNK))
  const packed = groups.map((group) => encodeGroup(group).slice())
  const decoder = new GroupDecoder()
  for (const [index, bytes] of packed.entries())
    decoder.decode(bytes, ({ timesMs, values }, place) => {
      const wanted = groups[index]?.[place]
      checkValues(kind, timesMs, wanted?.timesMs ?? new Float64Array(0))
      checkValues(kind, values, wanted?.values ?? new Float64Array(0))
    })
  const points = chunks.length * POINTS_PER_CHUNK
  for (let repeat = 0; repeat < REPEATS; repeat++) {
    const start = process.cpuUsage()
    let passes = 0
    let usedUs = 0
    for (; usedUs < 30_000; passes++) {
      for (const bytes of packed) decoder.decode(bytes, () => {})
      const { user, system } = process.cpuUsage(start)
      usedUs = user + system
    }
    rounds.add({ [`${kind}MillionPointsPerSecond`]: (points * passes) / usedUs })
  }
}
