import type { Bench } from '../../ingest/bench.ts'
import { atLeast, atMost } from '../../ingest/criterion.ts'
import { machineCpuNs } from '../../ingest/machine-cpu.ts'
import { cpuNsBetween, readCpu } from '../../ingest/process-cpu.ts'
import type { Row } from '../../ingest/row.ts'
import { quantileOf, rounded } from '../../ingest/spread.ts'
import { startFilledKymo } from '../answerer.ts'
import { fleet, STEP_MS } from '../fleet.ts'
import { type Answered, askOpenLoop } from '../open-loop.ts'
import { countPanel, HOSTS_PER_PANEL, panelPath, readPanel } from '../panel.ts'
import { startFeed } from '../start-feed.ts'

const HOUR_STEPS = 360
const CLIENTS = 50
const PANELS = 20
const HOSTS = CLIENTS * PANELS * HOSTS_PER_PANEL
const METRICS_PER_HOST = 50
const POINTS_PER_SECOND = (HOSTS * METRICS_PER_HOST * 1_000) / STEP_MS
const REFRESH_MS = 10_000
const SECONDS = 60
const QUICK_SECONDS = 10
/** Every panel has been asked for once, and every series is known, before anything is measured. */
const WARM_UP_SECONDS = 12

const MOST_P99_MS = 250
/** Less would be no load; a little is on its way at either end. */
const LEAST_TAKEN = 0.98
/** Beyond either, what is measured is the client. */
const MOST_ASKED_LATE_MS = 25
const MOST_CLIENT_BUSY = 0.7

export const openLoop: Row = {
  name: 'open-loop',
  about: '50 dashboards of 20 panels, each refreshed every 10 s in any case, while 50,000 points/s come in',
  async run(bench) {
    const set = fleet(HOSTS, HOUR_STEPS)
    await using store = await startFilledKymo(bench, set)
    const { kymo, graphitePort } = store
    await using feed = await startFeed({
      graphitePort,
      statsdPort: kymo.port,
      hosts: HOSTS,
      metrics: METRICS_PER_HOST,
      startMs: set.startMs,
      firstStep: HOUR_STEPS,
    })
    const refresh = (seconds: number): Promise<Answered> =>
      askOpenLoop({
        // The clients' refreshes are spread evenly over the ten seconds; the panels of one are asked for at once.
        batch: (turn) =>
          Array.from({ length: PANELS }, (_, index) => kymo.url(panelPath(panelOf(turn, index)))),
        everyMs: REFRESH_MS / CLIENTS,
        turns: (seconds * 1_000 * CLIENTS) / REFRESH_MS,
        check: (body, { turn, index, dueMs }) => {
          const asked = { panel: panelOf(turn, index), timeMs: dueMs, startMs: set.startMs }
          countPanel(body, asked)
          if (index === turn % PANELS) readPanel(body, asked)
        },
      })
    await refresh(WARM_UP_SECONDS)

    const read = async () => ({
      metrics: await kymo.metrics(),
      machineNs: machineCpuNs(),
      cpu: { kymo: readCpu(kymo.pid), client: readCpu(process.pid), feed: readCpu(feed.pid) },
    })
    const before = await read()
    const loopBefore = performance.eventLoopUtilization()
    const answered = await refresh(secondsOf(bench))
    const clientBusy = performance.eventLoopUtilization(loopBefore).utilization
    const after = await read()

    const grown = (name: string, label?: string): number =>
      after.metrics.sum(name, label) - before.metrics.sum(name, label)
    const coresOf = (ns: number): number => rounded(ns / (answered.seconds * 1e9))
    const ns = {
      kymo: cpuNsBetween(before.cpu.kymo, after.cpu.kymo),
      client: cpuNsBetween(before.cpu.client, after.cpu.client),
      feed: cpuNsBetween(before.cpu.feed, after.cpu.feed),
    }
    const neighboursNs = after.machineNs - before.machineNs - ns.kymo - ns.client - ns.feed
    const pointsPerSecond = grown('kymo_accepted_lines_total', 'graphite') / answered.seconds
    const flushes = grown('kymo_flushes_total')
    const missedFlushes = Math.max(0, Math.floor((answered.seconds * 1_000) / STEP_MS) - flushes)
    const p99Ms = quantileOf(answered.latenciesMs, 0.99)
    const askedLateMs = quantileOf(answered.askedLateMs, 0.99)
    return {
      figures: {
        seconds: rounded(answered.seconds),
        requests: answered.latenciesMs.length,
        'answered MB/s': rounded(answered.bytes / answered.seconds / 1e6),
        'graphite points/s': rounded(pointsPerSecond),
        'p50 ms': quantileOf(answered.latenciesMs, 0.5),
        'p90 ms': quantileOf(answered.latenciesMs, 0.9),
        'p99 ms': p99Ms,
        'longest ms': quantileOf(answered.latenciesMs, 1),
        flushes,
        'flush ms, mean': rounded(
          (grown('kymo_flush_duration_seconds_sum') /
            Math.max(1, grown('kymo_flush_duration_seconds_count'))) *
            1_000,
        ),
        'kymo, cores': coresOf(ns.kymo),
        'client, cores': coresOf(ns.client),
        'feed, cores': coresOf(ns.feed),
        'everybody else on the machine, cores': coresOf(neighboursNs),
        'client asked late, p99 ms': askedLateMs,
        'client busy, share of the time': rounded(clientBusy),
        'is the client the bottleneck':
          askedLateMs > MOST_ASKED_LATE_MS || clientBusy > MOST_CLIENT_BUSY ? 'yes' : 'no',
      },
      criteria: [
        atMost(MOST_P99_MS, 'milliseconds from when it was due, p99', p99Ms),
        atMost(0, 'requests refused', answered.refused),
        atMost(0, 'flushes that were late or missing', grown('kymo_late_partials_total') + missedFlushes),
        atLeast(LEAST_TAKEN * POINTS_PER_SECOND, 'points taken in a second', pointsPerSecond),
      ],
    }
  },
}

/** Each has panels of its own, so that no two of them ask for the same. */
function panelOf(turn: number, index: number): number {
  return (turn % CLIENTS) * PANELS + index
}

function secondsOf({ options }: Bench): number {
  return options.isQuick ? QUICK_SECONDS : SECONDS
}
