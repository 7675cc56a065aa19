// The thread of all datagram sockets that speak StatsD.
import { createStatsdFormat } from '../formats/index.ts'
import { systemClock } from '../lib/clock.ts'
import { returnLargeMemory } from '../lib/return-memory.ts'
import type { DatagramInput } from '../listeners/datagram-input.ts'
import { openDatagramInput } from '../listeners/index.ts'
import { KymoError, reasonOf } from '../telemetry/errors.ts'
import { type IntakePlan, runIntake } from './intake.ts'
import { workerSelf } from './worker-setup.ts'

const { setup, log } = workerSelf()
const { config, shardId } = setup
const format = createStatsdFormat(config.statsd)
const { unixDatagram, unixMode } = config.statsd

const plans: readonly IntakePlan[] = [
  {
    service: 'statsd',
    name: 'statsd-udp',
    kind: 'udp',
    format,
    portFlag: '--statsd-port',
    isShared: config.receivers > 1,
  },
  // Only a port can be shared.
  ...(unixDatagram !== undefined && shardId === 1
    ? ([
        {
          service: 'statsd',
          name: 'statsd-unix-datagram',
          kind: 'unix-datagram',
          format,
          path: unixDatagram,
          mode: unixMode,
          setting: 'statsd.unix_datagram',
        },
      ] as const)
    : []),
]

runIntake(plans, (statsd) => format.reconfigure(statsd), { openDatagrams })

/** undefined: datagrams are received one at a time. */
async function openDatagrams(): Promise<DatagramInput | undefined> {
  // Not before there is something to receive: a process that ends while a thread loads native code is aborted.
  await returnLargeMemory()
  if (config.receiver === 'dgram') return undefined
  try {
    return await openDatagramInput(systemClock)
  } catch (error) {
    const reason = reasonOf(error)
    if (config.receiver === 'recvmmsg') throw new KymoError('receiver-unavailable', { reason })
    // Where it could be had, somebody may want to know.
    const level = process.platform === 'linux' ? 'warn' : 'debug'
    log[level]({ reason }, 'Datagrams are received one at a time, for want of recvmmsg.')
    return undefined
  }
}
