import { atLeast } from '../criterion.ts'
import type { Row } from '../row.ts'
import { Rounds } from '../rounds.ts'

/** Full datagrams, as busy clients send them: decoding and adding up costs the most. */
export const thirtyLines: Row = {
  name: 'thirty-lines',
  about: '30 lines per datagram, 10,000 names, unthrottled, against etsy/statsd',
  async run(bench) {
    const payload = bench.payload({ kind: 'mixed', names: 10_000, linesPerDatagram: 30 })
    await using floor = await bench.floor()
    await using etsy = await bench.etsy()
    await using kymo = await bench.kymo()
    await bench.warmUp([floor, etsy, kymo], payload)
    const rounds = new Rounds()
    await bench.rounds(async () => {
      const floorLoad = await bench.load(floor, payload)
      const etsyLoad = await bench.load(etsy, payload)
      const kymoLoad = await bench.load(kymo, payload)
      rounds.add({
        floorLinesPerCpuSecond: floorLoad.linesPerCpuSecond,
        etsyLinesPerCpuSecond: etsyLoad.linesPerCpuSecond,
        linesPerCpuSecond: kymoLoad.linesPerCpuSecond,
        cpuNsPerDatagram: kymoLoad.cpuNsPerDatagram,
        floorCpuNsPerDatagram: floorLoad.cpuNsPerDatagram,
        receivedPerSecond: kymoLoad.receivedPerSecond,
        lostShare: kymoLoad.lostShare,
        timesEtsy: kymoLoad.linesPerCpuSecond / etsyLoad.linesPerCpuSecond,
        flushesInLoad: kymoLoad.flushes ?? 0,
      })
    })
    return {
      figures: { ...rounds.spreads(), bytesPerLine: payload.bytesPerLine },
      criteria: [
        atLeast(9_000_000, 'lines per CPU-second', rounds.median('linesPerCpuSecond')),
        atLeast(10, 'lines per CPU-second, times etsy/statsd', rounds.median('timesEtsy')),
      ],
    }
  },
}
