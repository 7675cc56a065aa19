// The thread of streams, and of everything that speaks Graphite's plaintext: an ordinary event loop.
import { createStatsdFormat, graphitePlaintextFormat } from '../formats/index.ts'
import { type IntakePlan, runIntake } from './intake.ts'
import { STREAM_PORTS } from './stream-ports.ts'
import { workerSelf } from './worker-setup.ts'

const { config } = workerSelf().setup
const statsdFormat = createStatsdFormat(config.statsd)
const { unixStream, unixMode, unixFraming, unixMaxFrameBytes } = config.statsd

const formats = { statsd: statsdFormat, graphite: graphitePlaintextFormat, pickle: graphitePlaintextFormat }
const plans: readonly IntakePlan[] = [
  ...STREAM_PORTS.map((port) => ({ ...port, format: formats[port.service] })),
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
