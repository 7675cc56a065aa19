import { atLeast } from '../criterion.ts'
import type { Row } from '../row.ts'
import { Rounds } from '../rounds.ts'

/** More names than the caches of a CPU hold. */
export const manyNames: Row = {
  name: 'many-names',
  about: '30 lines per datagram, 100,000 names, unthrottled',
  async run(bench) {
    const payload = bench.payload({ kind: 'mixed', names: 100_000, linesPerDatagram: 30 })
    await using kymo = await bench.kymo()
    await bench.warmUp([kymo], payload)
    const rounds = new Rounds()
    await bench.rounds(async () => {
      const load = await bench.load(kymo, payload)
      rounds.add({
        linesPerCpuSecond: load.linesPerCpuSecond,
        cpuNsPerDatagram: load.cpuNsPerDatagram,
        receivedPerSecond: load.receivedPerSecond,
        lostShare: load.lostShare,
        flushesInLoad: load.flushes ?? 0,
      })
    })
    return {
      figures: { ...rounds.spreads(), bytesPerLine: payload.bytesPerLine },
      criteria: [atLeast(5_000_000, 'lines per CPU-second', rounds.median('linesPerCpuSecond'))],
    }
  },
}
