// The thread of streams, and of everything that speaks Graphite's plaintext: an ordinary event loop.
import { createStatsdFormat, graphitePlaintextFormat } from '../formats/index.ts'
import { type IntakePlan, runIntake } from './intake.ts'
import { workerSelf } from './worker-setup.ts'

const { config } = workerSelf().setup
const statsdFormat = createStatsdFormat(config.statsd)
const { unixStream, unixMode, unixFraming, unixMaxFrameBytes } = config.statsd

const plans: readonly IntakePlan[] = [
  {
    service: 'statsd',
    name: 'statsd-tcp',
    kind: 'tcp',
    format: statsdFormat,
    portFlag: '--statsd-port',
  },
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
  ...(unixStream === undefined
    ? []
    : ([
        {
          service: 'statsd',
          name: 'statsd-unix-stream',
          kind: 'unix-stream',
          format: statsdFormat,
          path: unixStream,
          mode: unixMode,
          framing: unixFraming,
          maxFrameBytes: unixMaxFrameBytes,
          setting: 'statsd.unix_stream',
        },
      ] as const)),
]

runIntake(plans, (statsd) => statsdFormat.reconfigure(statsd), { bodiesOf: statsdFormat })
