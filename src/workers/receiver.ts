// The thread of all datagram sockets that speak StatsD.
import { createStatsdFormat } from '../formats/index.ts'
import { type IntakePlan, runIntake } from './intake.ts'
import { workerSelf } from './worker-setup.ts'

const { config, shardId } = workerSelf().setup
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

runIntake(plans, (statsd) => format.reconfigure(statsd))
