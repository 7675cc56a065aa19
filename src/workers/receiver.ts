// The thread of all datagram sockets that speak StatsD.
import { createStatsdFormat } from '../formats/index.ts'
import { runIntake } from './intake.ts'
import { workerSelf } from './worker-setup.ts'

const { config } = workerSelf().setup

runIntake([
  {
    service: 'statsd',
    name: 'statsd-udp',
    kind: 'udp',
    format: createStatsdFormat(config.statsd),
    portFlag: '--statsd-port',
    isShared: config.receivers > 1,
  },
])
