// The thread of streams, and of everything that speaks Graphite's plaintext: an ordinary event loop.
import { graphitePlaintextFormat, statsdFormat } from '../formats/index.ts'
import { runIntake } from './intake.ts'

runIntake([
  { service: 'statsd', name: 'statsd-tcp', kind: 'tcp', format: statsdFormat, portFlag: '--statsd-port' },
  {
    service: 'graphite',
    name: 'graphite-tcp',
    kind: 'tcp',
    format: graphitePlaintextFormat,
    portFlag: '--graphite-port',
  },
  {
    service: 'graphite',
    name: 'graphite-udp',
    kind: 'udp',
    format: graphitePlaintextFormat,
    portFlag: '--graphite-port',
  },
])
