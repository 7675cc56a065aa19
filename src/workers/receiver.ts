// The thread of all datagram sockets that speak StatsD.
import { statsdFormat } from '../formats/index.ts'
import { runIntake } from './intake.ts'
import { workerSelf } from './worker-setup.ts'

runIntake([
  {
    service: 'statsd',
    name: 'statsd-udp',
    kind: 'udp',
    format: statsdFormat,
    portFlag: '--statsd-port',
    isShared: workerSelf().setup.config.receivers > 1,
  },
])
