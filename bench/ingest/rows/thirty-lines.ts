import { atLeast } from '../criterion.ts'
import type { Row } from '../row.ts'
import { Rounds } from '../rounds.ts'

/**
 * Full datagrams, as busy clients send them: decoding and adding up costs the most. Names come in the order that they have each
 * time, as from one sender; what it costs when they come in none is measured beside it.
 */
export const thirtyLines: Row = {
  name: 'thirty-lines',
  about: '30 lines per datagram, 10,000 names, unthrottled, against etsy/statsd',
  async run(bench) {
    const payload = bench.payload({ kind: 'mixed', names: 10_000, linesPerDatagram: 30 })
    const shuffled = bench.payload({ kind: 'mixed', names: 10_000, linesPerDatagram: 30, isShuffled: true })
    await using floor = await bench.floor()
    await using etsy = await bench.etsyIfInstalled()
    await using kymo = await bench.kymo()
    await bench.warmUp([floor, kymo, ...(etsy === undefined ? [] : [etsy])], payload)
    const rounds = new Rounds()
    await bench.rounds(async () => {
      const floorLoad = await bench.load(floor, payload)
      const kymoLoad = await bench.load(kymo, payload)
      const shuffledLoad = await bench.load(kymo, shuffled)
      rounds.add({
        floorLinesPerCpuSecond: floorLoad.linesPerCpuSecond,
        linesPerCpuSecond: kymoLoad.linesPerCpuSecond,
        shuffledLinesPerCpuSecond: shuffledLoad.linesPerCpuSecond,
        cpuNsPerDatagram: kymoLoad.cpuNsPerDatagram,
        floorCpuNsPerDatagram: floorLoad.cpuNsPerDatagram,
        receivedPerSecond: kymoLoad.receivedPerSecond,
        lostShare: kymoLoad.lostShare,
        flushesInLoad: kymoLoad.flushes ?? 0,
      })
      if (etsy === undefined) return
      const etsyLoad = await bench.load(etsy, payload)
      rounds.add({
        etsyLinesPerCpuSecond: etsyLoad.linesPerCpuSecond,
        timesEtsy: kymoLoad.linesPerCpuSecond / etsyLoad.linesPerCpuSecond,
      })
    })
    return {
      figures: { ...rounds.spreads(), bytesPerLine: payload.bytesPerLine },
      criteria: [
        atLeast(9_000_000, 'lines per CPU-second', rounds.median('linesPerCpuSecond')),
        ...(etsy === undefined
          ? []
          : [atLeast(10, 'lines per CPU-second, times etsy/statsd', rounds.median('timesEtsy'))]),
      ],
    }
  },
}
