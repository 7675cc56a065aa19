// The thread of the sinks: takes batches from the keeper and delivers each to every sink, at each sink's own pace.
import { systemClock, type Timer } from '../lib/clock.ts'
import { DescriptorStream } from '../lib/descriptor-stream.ts'
import { createSink } from '../sinks/index.ts'
import { createDelivery, type Delivery } from '../sinks/delivery/delivery.ts'
import type { DeliveryCalls, KeeperToDelivery, WorkerToMain } from './calls.ts'
import { openLink } from './rpc.ts'
import { SeriesReceiver } from './series-link.ts'
import { workerSelf } from './worker-setup.ts'

/** How long a stop waits for the sinks to take what is queued. */
const LONGEST_DRAIN_MS = 5_000
const REPORT_EVERY_MS = 1_000

const { setup, log, metrics, main } = workerSelf()
const clock = systemClock
let deliveries: Delivery[] = []
let toldStatus = ''
let report: Timer = clock.after(REPORT_EVERY_MS, tellStatus)

const toMain = openLink<WorkerToMain, DeliveryCalls>(main, {
  connect({ port }) {
    const receiver = new SeriesReceiver()
    openLink<Record<string, never>, KeeperToDelivery>(port, {
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
  },
  async open() {
    const context = {
      log,
      clock,
      stdout: new DescriptorStream(1, clock),
      stderr: new DescriptorStream(2, clock),
    }
    deliveries = await Promise.all(
      setup.config.sinks.map(async (options) =>
        createDelivery(await createSink(options, context), {
          type: options.type,
          queuePoints: options.queue_points,
          clock,
          log,
          metrics,
          random: Math.random,
        }),
      ),
    )
  },
  async stop() {
    report.cancel()
    await Promise.all(deliveries.map((delivery) => delivery.drain(LONGEST_DRAIN_MS)))
  },
})

function tellStatus(): void {
  const statuses = deliveries.map((delivery) => delivery.status())
  const text = JSON.stringify(statuses)
  if (text !== toldStatus) toMain.notify('sinks', statuses)
  toldStatus = text
  report = clock.after(REPORT_EVERY_MS, tellStatus)
}
