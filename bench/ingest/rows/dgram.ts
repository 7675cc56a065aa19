import { atLeast } from '../criterion.ts'
import { NO_STORE } from '../kymo-process.ts'
import type { Row } from '../row.ts'
import { Rounds } from '../rounds.ts'

/** Where there is nothing native, Node's own sockets read one datagram at a time, as those of etsy/statsd do. */
export const dgram: Row = {
  name: 'dgram',
  about:
    "receiving with Node's own sockets (--dgram-flags), 1 line per datagram, 10,000 names, against etsy/statsd",
  async run(bench) {
    const payload = bench.payload({ kind: 'mixed', names: 10_000, linesPerDatagram: 1 })
    await using kymo = await bench.kymo({
      args: [...NO_STORE, ...bench.options.dgramArgs],
      name: 'kymo (dgram)',
    })
    await using etsy = await bench.etsy()
    await bench.warmUp([etsy, kymo], payload)
    const rounds = new Rounds()
    await bench.rounds(async () => {
      const etsyLoad = await bench.load(etsy, payload)
      const kymoLoad = await bench.load(kymo, payload)
      rounds.add({
        etsyLinesPerCpuSecond: etsyLoad.linesPerCpuSecond,
        etsyReceivedPerSecond: etsyLoad.receivedPerSecond,
        linesPerCpuSecond: kymoLoad.linesPerCpuSecond,
        receivedPerSecond: kymoLoad.receivedPerSecond,
        timesEtsy: kymoLoad.linesPerCpuSecond / etsyLoad.linesPerCpuSecond,
        flushesInLoad: kymoLoad.flushes ?? 0,
      })
    })
    return {
      figures: { ...rounds.spreads(), flags: bench.options.dgramArgs.join(' ') },
      criteria: [atLeast(1.1, 'lines per CPU-second, times etsy/statsd', rounds.median('timesEtsy'))],
    }
  },
}
