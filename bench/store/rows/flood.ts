import { atMost } from '../../ingest/criterion.ts'
import type { Row } from '../../ingest/row.ts'
import { runLoad } from '../../ingest/load.ts'
import { KymoStore } from '../kymo-store.ts'

const NAMES = 100_000
const DATAGRAMS_PER_SECOND = 200_000
const SECONDS = 60
const QUICK_SECONDS = 10
const MOST_LOST = 0.000_1

/** As much as a busy host sends, into a store that is written all the while. */
export const flood: Row = {
  name: 'flood',
  about: '200,000 datagrams a second, 100,000 names, a flush every second, all of it stored',
  async run(bench) {
    const seconds = bench.options.isQuick ? QUICK_SECONDS : SECONDS
    const payload = bench.payload({ kind: 'mixed', names: NAMES, linesPerDatagram: 1 })
    await using store = await KymoStore.start(bench, { flushInterval: '1s' })
    await bench.warmUp([store.kymo], payload)
    const before = await store.kymo.metrics()
    const load = await runLoad(store.kymo, bench.sender, {
      payload,
      seconds,
      datagramsPerSecond: DATAGRAMS_PER_SECOND,
    })
    const after = await store.kymo.metrics()
    const grown = (name: string) => after.sum(name) - before.sum(name)
    const missedFlushes = Math.max(0, Math.floor(load.seconds) - grown('kymo_flushes_total'))
    return {
      figures: {
        seconds: load.seconds,
        sentPerSecond: load.sentDatagrams / load.seconds,
        lostShare: load.lostShare,
        flushes: grown('kymo_flushes_total'),
        latePartials: grown('kymo_late_partials_total'),
        storedPoints: grown('kymo_stored_points_total'),
        cpuNsPerDatagram: load.cpuNsPerDatagram,
      },
      criteria: [
        atMost(MOST_LOST, 'share of datagrams lost', load.lostShare),
        atMost(0, 'flushes that were late or missing', grown('kymo_late_partials_total') + missedFlushes),
      ],
    }
  },
}
