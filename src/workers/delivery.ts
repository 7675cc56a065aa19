// The thread of the sinks: takes batches from the keeper and delivers each to every sink, at each sink's own pace.
import { systemClock, type Timer } from '../lib/clock.ts'
import { DescriptorStream } from '../lib/descriptor-stream.ts'
import { createSink } from '../sinks/index.ts'
import { createDelivery, type Delivery } from '../sinks/delivery/delivery.ts'
import type { DeliveryCalls, DeliveryToKeeper, KeeperToDelivery, WorkerToMain } from './calls.ts'
import { type Link, openLink } from './rpc.ts'
import { SeriesReceiver } from './series-link.ts'
import { workerSelf } from './worker-setup.ts'

/** How long a stop waits for the sinks to take what is queued. */
const LONGEST_DRAIN_MS = 5_000
const REPORT_EVERY_MS = 1_000

const { setup, log, metrics, main } = workerSelf()
const clock = systemClock
let deliveries: Delivery[] = []
let keeper: Link<DeliveryToKeeper> | undefined
/** The one that series and the console tell of as etsy's statsd does of its own. -1: none. */
const graphiteIndex = setup.config.sinks.findIndex(({ type }) => type === 'graphite')
let toldStatus = ''
let report: Timer | undefined

const toMain = openLink<WorkerToMain, DeliveryCalls>(main, {
  connect({ port }) {
    const receiver = new SeriesReceiver()
    keeper = openLink<DeliveryToKeeper, KeeperToDelivery>(port, {
      flush(message) {
        const batch = receiver.flush(message)
        for (const delivery of deliveries) delivery.flush(batch)
      },
      points(message) {
        const batch = receiver.points(message)
        for (const delivery of deliveries) delivery.points(batch)
      },
      events(events) {
        for (const delivery of deliveries) delivery.events(events)
      },
      settle() {},
    })
    // A keeper that takes the place of another knows nothing of what was sent.
    tellGraphite()
  },
  async open() {
    const context = {
      log,
      clock,
      stdout: new DescriptorStream(1, clock),
      stderr: new DescriptorStream(2, clock),
    }
    deliveries = await Promise.all(
      setup.config.sinks.map(async (options, index) =>
        createDelivery(await createSink(options, context), {
          type: options.type,
          queuePoints: options.queue_points,
          clock,
          log,
          metrics,
          random: Math.random,
          ...(index === graphiteIndex ? { onAttempt: tellGraphite } : {}),
        }),
      ),
    )
    tellStatus()
  },
  async stop() {
    report?.cancel()
    await Promise.all(deliveries.map((delivery) => delivery.drain(LONGEST_DRAIN_MS)))
  },
})

function tellGraphite(): void {
  const status = deliveries[graphiteIndex]?.status()
  const wasTried = status !== undefined && (status.lastFlushMs ?? status.lastFailureMs) !== null
  if (wasTried) keeper?.notify('sentToGraphite', status)
}

function tellStatus(): void {
  const statuses = deliveries.map((delivery) => delivery.status())
  const text = JSON.stringify(statuses)
  if (text !== toldStatus) toMain.notify('sinks', statuses)
  toldStatus = text
  report = clock.after(REPORT_EVERY_MS, tellStatus)
}
