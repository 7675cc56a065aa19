import { describe, expect, test } from 'vitest'
import { SINKS } from '../sinks/options.ts'
import { KymoError } from '../telemetry/errors.ts'
import type { Config } from './config.ts'
import { type LoadedConfig, loadConfig } from './load.ts'
import type { ReadFile } from './read-file.ts'
import { formatSource } from './source.ts'

const SINK_TYPES = SINKS.flatMap(({ types }) => types).join(', ')

interface Given {
  readonly argv?: readonly string[]
  readonly env?: Readonly<Record<string, string>>
  /** By absolute path; the working directory is /srv/kymo. */
  readonly files?: Readonly<Record<string, string | Uint8Array>>
  readonly coreCount?: number
}

function load({ argv = [], env = {}, files = {}, coreCount = 2 }: Given): LoadedConfig {
  const readFile: ReadFile = (path) => {
    const contents = files[path]
    if (contents === undefined) throw Object.assign(new Error('no such file'), { code: 'ENOENT' })
    return typeof contents === 'string' ? new TextEncoder().encode(contents) : contents
  }
  return loadConfig({ command: 'start', argv, env, cwd: '/srv/kymo', readFile, coreCount })
}

const loadText = (text: string): LoadedConfig => load({ files: { '/srv/kymo/kymo.yaml': text } })

/** The listed problems, or the whole message of any other error. */
function problemsOf(action: () => unknown): string[] {
  try {
    action()
  } catch (error) {
    if (!(error instanceof KymoError)) throw error
    if (error.code !== 'config-invalid') return [`${error.code}: ${error.message}`]
    return String(error.details.problems)
      .split('\n')
      .map((line) => line.trim())
  }
  return []
}

const DEFAULTS: Config = {
  intakeHosts: ['127.0.0.1', '::1'],
  adminHosts: ['127.0.0.1', '::1'],
  receivers: 1,
  receiver: 'auto',
  statsd: {
    port: 8125,
    profile: 'default',
    limits: { nameBytes: 1_024, nameNodes: 64, tags: 64, tagBytes: 200 },
    rules: {},
    unixDatagram: undefined,
    unixStream: undefined,
    unixMode: 0o722,
    unixFraming: 'length',
    unixMaxFrameBytes: 65_536,
  },
  graphite: { port: 2003, picklePort: undefined },
  otlp: { grpcPort: undefined },
  admin: { port: 8126, writable: false },
  http: { hosts: ['127.0.0.1', '::1'], port: 8080, allowedHosts: [], insecureOpen: false },
  rules: [],
  limits: { series: 1_000_000, prefixes: [] },
  flush: { intervalMs: 10_000 },
  aggregator: {
    naming: {
      legacyNamespace: false,
      globalPrefix: 'stats',
      counterPrefix: 'counters',
      timerPrefix: 'timers',
      gaugePrefix: 'gauges',
      setPrefix: 'sets',
      statsPrefix: 'statsd',
      globalSuffix: '',
    },
    percentiles: [90],
    histogram: [],
    calculatedTimerMetrics: [],
    timerWeighting: 'all',
    timerExactValues: 2000,
    setExactMembers: 10_000,
    flushCounts: true,
    idleTimeoutMs: { counter: 300_000, gauge: 86_400_000, timer: 300_000, set: 300_000 },
    ownSeries: true,
  },
  store: {
    enabled: true,
    path: '/srv/kymo/kymo-data',
    fsync: '1s',
    ...keptInSteps(10, 60, 600),
    futureLimitMs: 600_000,
    hasSketches: false,
    reservedBytes: 'auto',
  },
  dashboards: { path: '/srv/kymo/kymo-data/dashboards' },
  query: { threads: 1, maxSeries: 10_000, maxPoints: 5_000_000 },
  sinks: [],
  appetite: { details: false, idleGauges: false, packets: 'off' },
  log: { level: 'info' },
}

describe('without any configuration', () => {
  test('everything has its default', () => {
    const { config, warnings, configFile, settings } = load({})
    expect(config).toEqual(DEFAULTS)
    expect(warnings).toEqual([])
    expect(configFile).toBeUndefined()
    expect(settings.every(({ source }) => source.kind === 'default')).toBe(true)
  })

  test('the result is plain data that can go to another thread', () => {
    expect(structuredClone(load({ argv: ['--stdout'] }).config)).toEqual(load({ argv: ['--stdout'] }).config)
  })

  test.each([
    [1, 1],
    [4, 1],
    [5, 2],
    [8, 2],
    [64, 16],
  ])('on %d cores there are %d receivers', (coreCount, receivers) => {
    expect(load({ coreCount }).config.receivers).toBe(receivers)
  })
})

/** Steps of the default retention, in seconds. */
function keptInSteps(...steps: readonly number[]): Pick<Config['store'], 'rules' | 'retentionMs'> {
  const days = [7, 90, 5 * 365]
  const defaultRetentions = steps.map((stepSeconds, index) => ({
    stepSeconds,
    retentionSeconds: (days[index] ?? 0) * 86_400,
  }))
  return {
    rules: { defaultRetentions },
    retentionMs: (defaultRetentions.at(-1)?.retentionSeconds ?? 0) * 1_000,
  }
}

function flushedEach(intervalMs: number, ...steps: readonly number[]): Pick<Config, 'flush' | 'store'> {
  return { flush: { intervalMs }, store: { ...DEFAULTS.store, ...keptInSteps(...steps) } }
}

describe('a good file', () => {
  const cases: [string, string, Partial<Config>][] = [
    ['empty', '', {}],
    ['only comments', '# nothing\n---\n', {}],
    ['a byte order mark', '\ufefflog: {level: warn}', { log: { level: 'warn' } }],
    ['Windows line ends', 'log:\r\n  level: warn\r\n', { log: { level: 'warn' } }],
    ['JSON', '{"log": {"level": "debug"}}', { log: { level: 'debug' } }],
    ['empty sections', 'http:\nstatsd:\nsinks:\n', {}],
    ['units', 'flush: {interval: 500ms}', { ...flushedEach(500, 1, 60, 600) }],
    ['a fraction', 'flush: {interval: 0.5s}', { ...flushedEach(500, 1, 60, 600) }],
    ['the longest interval', 'flush: {interval: 1d}', { ...flushedEach(86_400_000, 86_400) }],
    [
      'points as they come, and nothing after that',
      'store: {retention: 30d}',
      {
        store: {
          ...DEFAULTS.store,
          retentionMs: 30 * 86_400_000,
          rules: { defaultRetentions: [{ stepSeconds: 10, retentionSeconds: 30 * 86_400 }] },
        },
      },
    ],
    ['one address', 'listen: 0.0.0.0', { intakeHosts: ['0.0.0.0'] }],
    [
      'addresses',
      'listen: "localhost, 10.0.0.1, [fd00::1], 10.0.0.1"',
      {
        intakeHosts: ['127.0.0.1', '::1', '10.0.0.1', 'fd00::1'],
      },
    ],
    [
      'rules of a dialect apart from its profile',
      'statsd: {profile: dogstatsd, gauge_sign: relative, names: ascii, tag_forms: [dogstatsd, influx]}',
      {
        statsd: {
          ...DEFAULTS.statsd,
          profile: 'dogstatsd',
          rules: { gaugeSign: 'relative', names: 'ascii', tagForms: ['dogstatsd', 'influx'] },
        },
      },
    ],
    [
      'no tags at all',
      'statsd: {tag_forms: []}',
      { statsd: { ...DEFAULTS.statsd, rules: { tagForms: [] } } },
    ],
    [
      'a limit of its own for frames',
      'statsd: {unix_max_frame: 8KiB}',
      { statsd: { ...DEFAULTS.statsd, unixMaxFrameBytes: 8_192 } },
    ],
    ['a number of receivers', 'receivers: 3', { receivers: 3 }],
    [
      'equal ports, if free ones are asked for',
      'statsd: {port: 0}\ngraphite: {port: 0}',
      {
        statsd: { ...DEFAULTS.statsd, port: 0 },
        graphite: { port: 0, picklePort: undefined },
      },
    ],
    [
      'an alias',
      'statsd: &free {port: 0}\ngraphite: *free',
      { statsd: { ...DEFAULTS.statsd, port: 0 }, graphite: { port: 0, picklePort: undefined } },
    ],
    [
      'an absolute path',
      'store: {path: /var/lib/kymo}',
      {
        store: { ...DEFAULTS.store, path: '/var/lib/kymo' },
        dashboards: { path: '/var/lib/kymo/dashboards' },
      },
    ],
    [
      'percentiles of all kinds',
      'aggregator: {percentiles: [50, 99.9, -10]}',
      {
        aggregator: { ...DEFAULTS.aggregator, percentiles: [50, 99.9, -10] },
      },
    ],
  ]
  test.each(cases)('%s', (_name, text, wanted) => {
    expect(loadText(text).config).toEqual({ ...DEFAULTS, ...wanted })
  })

  test('a sink that says `module` is one, and it is looked for where the file is', () => {
    const text =
      'flush: {interval: 20s}\naggregator: {percentiles: [50]}\nsinks:\n- module: ./mine.js\n  options: {a: 1}\n- {type: statsd-backend, module: statsd-x-backend, directory: /opt, config: {debug: true, percentThreshold: 7}}\n'
    const { config } = load({ argv: ['/etc/kymo/k.yaml'], files: { '/etc/kymo/k.yaml': text } })
    expect(config.sinks).toMatchObject([
      { type: 'module', name: 'module', module: './mine.js', directory: '/etc/kymo', options: { a: 1 } },
      {
        type: 'statsd-backend',
        directory: '/opt',
        config: { debug: true, flushInterval: 20_000, percentThreshold: 7, prefixStats: 'statsd' },
      },
    ])
  })

  test('sinks have the options that they declare, and their type as name', () => {
    const { config } = loadText(
      'sinks:\n- type: graphite\n  host: a.example\n- {type: graphite, name: second, host: b.example, queue_points: 5}\n- type: stderr\n  format: json\n',
    )
    expect(config.sinks).toMatchObject([
      { type: 'graphite', name: 'graphite', host: 'a.example', queue_points: 1_000_000 },
      { type: 'graphite', name: 'second', host: 'b.example', queue_points: 5 },
      { type: 'stderr', name: 'stderr', format: 'json' },
    ])
  })

  test('a file named on the command line is read instead of kymo.yaml', () => {
    const files = { '/srv/kymo/kymo.yaml': 'log: {level: warn}', '/etc/k.yaml': 'log: {level: error}' }
    const { config, configFile } = load({ argv: ['/etc/k.yaml'], files })
    expect(config.log.level).toBe('error')
    expect(configFile).toBe('/etc/k.yaml')
    expect(load({ files }).configFile).toBe('kymo.yaml')
  })
})

describe('a bad file has every problem listed at its place', () => {
  const known =
    'listen, receivers, receiver, statsd, graphite, otlp, admin, http, rules, limits, flush, aggregator, store, dashboards, query, sinks, log'
  const cases: [string, string, string[]][] = [
    [
      'one of everything',
      [
        'flsh:',
        '  interval: 10s',
        'flush_interval: 3s',
        'flush:',
        '  interval: 10',
        'http:',
        '  prt: 9000',
        '  port: "abc"',
        'store: { retention: 7x, enabled: yes }',
        'sinks:',
        '  - type: grafite',
        '  - type: graphite',
        '    hst: a',
        '    port: 0',
        '  - format: text',
        '  - stdout',
        'aggregator: {percentiles: [0, 90, "x"]}',
        'log: {level: warning}',
      ].join('\n'),
      [
        'kymo.yaml:1:1  flsh: unknown key; did you mean "flush"?',
        'kymo.yaml:3:1  flush_interval: unknown key; did you mean "flush.interval"?',
        'kymo.yaml:5:13  flush.interval: found 10, wanted a duration with its unit: write "10s"',
        'kymo.yaml:7:3  http.prt: unknown key; did you mean "port"?',
        'kymo.yaml:8:9  http.port: found "abc", wanted a whole number from 0 to 65535',
        'kymo.yaml:9:21  store.retention: found "7x", wanted how long points are kept, such as 90d or 7d,1m:90d,10m:5y',
        'kymo.yaml:9:34  store.enabled: found "yes", wanted true or false',
        `kymo.yaml:11:11  sinks[0].type: found "grafite", wanted one of ${SINK_TYPES}; did you mean "graphite"?`,
        'kymo.yaml:13:5  sinks[1].hst: unknown key; did you mean "host"?',
        'kymo.yaml:14:11  sinks[1].port: found 0, wanted a whole number from 1 to 65535',
        `kymo.yaml:15:5  sinks[2].type: is missing, wanted one of ${SINK_TYPES}`,
        `kymo.yaml:16:5  sinks[3]: found "stdout", wanted a section with the key type, one of ${SINK_TYPES}`,
        'kymo.yaml:17:28  aggregator.percentiles[0]: found 0, wanted a number from -100 to 100 other than 0',
        'kymo.yaml:17:35  aggregator.percentiles[2]: found "x", wanted a number from -100 to 100',
        'kymo.yaml:18:14  log.level: found "warning", wanted one of debug, info, warn, error',
      ],
    ],
    [
      'keys that plain objects have already',
      '__proto__: {a: 1}\nconstructor: 2\nhttp:\n  toString: 3\n  __proto__: {port: 1}\n',
      [
        `kymo.yaml:1:1  __proto__: unknown key; known here are ${known}`,
        `kymo.yaml:2:1  constructor: unknown key; known here are ${known}`,
        'kymo.yaml:4:3  http.toString: unknown key; known here are port, listen, allowed_hosts, insecure_open',
        'kymo.yaml:5:3  http.__proto__: unknown key; known here are port, listen, allowed_hosts, insecure_open',
      ],
    ],
    [
      'keys given twice',
      'log: {level: info}\nhttp:\n  port: 1\n  port: 2\nlog: {}\n__proto__: 1\n__proto__: 2',
      [
        'kymo.yaml:4:3  http.port: is given twice',
        'kymo.yaml:5:1  log: is given twice',
        'kymo.yaml:7:1  __proto__: is given twice',
      ],
    ],
    ['not a section', 'hello', [`kymo.yaml:1:1  found "hello", wanted a section with the keys ${known}`]],
    ['a list', '- a', [`kymo.yaml:1:1  found a list, wanted a section with the keys ${known}`]],
    [
      'a value where a section belongs',
      'http: 8080\nsinks: {type: stdout}\nstatsd: [1]',
      [
        'kymo.yaml:1:7  http: found 8080, wanted a section with the keys port, listen, allowed_hosts, insecure_open',
        'kymo.yaml:2:8  sinks: found a section, wanted a list',
        'kymo.yaml:3:9  statsd: found a list, wanted a section with the keys port, profile, gauge_sign, names, tag_forms, unix_datagram, unix_stream, unix_mode, unix_framing, unix_max_frame, name_bytes, name_nodes, tags, tag_bytes',
      ],
    ],
    [
      'rules of no dialect',
      'statsd: {gauge_sign: delta, names: latin1, tag_forms: [influx, influx], unix_max_frame: 2MiB}',
      [
        'kymo.yaml:1:22  statsd.gauge_sign: found "delta", wanted one of relative, absolute',
        'kymo.yaml:1:36  statsd.names: found "latin1", wanted one of ascii, etsy, utf8',
        'kymo.yaml:1:55  statsd.tag_forms: found a list, wanted a list without repetitions',
        'kymo.yaml:1:89  statsd.unix_max_frame: found "2MiB", wanted at most 1MiB',
      ],
    ],
    [
      'a value that was forgotten',
      'http:\n  port:\n',
      ['kymo.yaml:2:8  http.port: found nothing, wanted a whole number from 0 to 65535'],
    ],
    [
      'intervals that do not divide a day',
      'flush: {interval: 7s}',
      ['kymo.yaml:1:19  flush.interval: found "7s", wanted a duration that divides a day, such as 6s or 8s'],
    ],
    [
      'an interval below a second that does not divide a day',
      'flush: {interval: 130ms}',
      [
        'kymo.yaml:1:19  flush.interval: found "130ms", wanted a duration that divides a day, such as 128ms or 135ms',
      ],
    ],
    [
      'too short',
      'flush: {interval: 1ms}',
      ['kymo.yaml:1:19  flush.interval: found "1ms", wanted at least 100ms'],
    ],
    ['too long', 'flush: {interval: 2d}', ['kymo.yaml:1:19  flush.interval: found "2d", wanted at most 1d']],
    [
      'numbers that are none',
      'receivers: 0\nstatsd: {port: 65536}\ngraphite: {port: 1.5}\nadmin: {port: .nan}\nquery: {threads: .inf}',
      [
        'kymo.yaml:1:12  receivers: found 0, wanted "auto" or a whole number from 1 to 64',
        'kymo.yaml:2:16  statsd.port: found 65536, wanted a whole number from 0 to 65535',
        'kymo.yaml:3:18  graphite.port: found 1.5, wanted a whole number from 0 to 65535',
        'kymo.yaml:4:15  admin.port: found NaN, wanted a whole number from 0 to 65535',
        'kymo.yaml:5:18  query.threads: found Infinity, wanted a whole number from 1 to 8',
      ],
    ],
    [
      'addresses that are none',
      'listen: example.com\nhttp: {listen: "127.0.0.1:80"}',
      [
        'kymo.yaml:1:9  listen: found "example.com", wanted an IP address such as 0.0.0.0, or localhost',
        'kymo.yaml:2:16  http.listen: found "127.0.0.1:80", wanted an IP address such as 0.0.0.0, or localhost, without a port: ports have options of their own',
      ],
    ],
    [
      'broken YAML, in several places',
      'log: {level: "info\nhttp: @x\n',
      expect.arrayContaining([
        expect.stringMatching(/^kymo\.yaml:\d+:\d+ {2}is not valid YAML: /),
      ]) as string[],
    ],
    [
      'tabs',
      'log:\n\tlevel: info',
      ['kymo.yaml:2:1  is not valid YAML: Tabs are not allowed as indentation'],
    ],
    [
      'a second document',
      'log: {}\n---\nlog: {}',
      [expect.stringContaining('kymo.yaml:2:1  is not valid YAML')],
    ],
    ['tags', 'listen: !!binary eA==', [expect.stringContaining('kymo.yaml:1:9  is not valid YAML')]],
    [
      'keys that are not text',
      '? [a]\n: 1\n2: 3\n',
      ['kymo.yaml:1:3  has a key that is not text', 'kymo.yaml:3:1  has a key that is not text'],
    ],
    [
      'an alias of nothing',
      'listen: *nobody',
      ['kymo.yaml:1:9  listen: refers to "nobody", which nothing before it is named'],
    ],
    ['control characters', '"a\\e[31m\\u202eb": "\\x07"', [expect.stringMatching(/^[ -~]+$/)]],
    [
      'text as long as a book',
      `listen: ${'x'.repeat(5000)}`,
      [
        `kymo.yaml:1:9  listen: found "${'x'.repeat(60)}...", wanted an IP address such as 0.0.0.0, or localhost`,
      ],
    ],
    [
      'names of hosts that are none',
      'http: {allowed_hosts: ["http://a", "a.example", "a:80"]}',
      [
        'kymo.yaml:1:24  http.allowed_hosts[0]: found "http://a", wanted a host name without a port',
        'kymo.yaml:1:49  http.allowed_hosts[2]: found "a:80", wanted a host name without a port',
      ],
    ],
    [
      'ports that collide',
      'statsd: {port: 9000}\nhttp: {port: 9000}\nadmin: {port: 2003}',
      [
        'kymo.yaml:3:15  admin.port: found 2003, which is the port of graphite already',
        'kymo.yaml:2:14  http.port: found 9000, which is the port of statsd already',
      ],
    ],
    [
      'a port that collides with a default',
      'statsd: {port: 8080}',
      ['kymo.yaml:1:16  statsd.port: found 8080, which is the port of http already'],
    ],
    [
      'OTLP that goes round',
      'otlp: {grpc_port: 4317}\nsinks:\n- {type: otlp, protocol: grpc, url: "http://[::1]:4317"}\n- {type: otlp, name: b, url: "http://localhost:8080"}\n- {type: otlp, name: c, url: "http://localhost:4317"}',
      [
        "kymo.yaml:3:3  sinks[0]: sends to port 4317 of this machine, which is Kymo's own OTLP intake: everything would go round for ever",
        "kymo.yaml:4:3  sinks[1]: sends to port 8080 of this machine, which is Kymo's own OTLP intake: everything would go round for ever",
      ],
    ],
    [
      'a port of OTLP that another has',
      'otlp: {grpc_port: 2003}',
      ['kymo.yaml:1:19  otlp.grpc_port: found 2003, which is the port of graphite already'],
    ],
    [
      'sinks that send to Kymo itself',
      'graphite: {port: 2010}\nsinks:\n- {type: graphite, port: 2010}\n- {type: graphite, name: b, host: 127.0.0.5, port: 2010}\n- {type: graphite, name: c, port: 2003}',
      [
        "kymo.yaml:3:3  sinks[0]: sends to port 2010 of this machine, which is Kymo's own Graphite intake: everything would go round for ever",
        "kymo.yaml:4:3  sinks[1]: sends to port 2010 of this machine, which is Kymo's own Graphite intake: everything would go round for ever",
      ],
    ],
    [
      'sinks of one name',
      'sinks:\n- type: stdout\n- type: graphite\n  name: stdout\n  host: a.example\n- type: stderr\n  name: store',
      [
        'kymo.yaml:3:3  sinks[1]: is named "stdout", as sinks[0] is; give it a name of its own',
        'kymo.yaml:6:3  sinks[2]: is named "store", which is the name of Kymo\'s own',
      ],
    ],
    [
      'less retention than one interval',
      'flush: {interval: 1d}\nstore: {retention: 1h}',
      ['kymo.yaml:2:20  store.retention: is shorter than flush.interval'],
    ],
    [
      'steps that are not made of finer ones',
      'store:\n  retention: 7d,15s:90d',
      ['kymo.yaml:2:14  store.retention: steps of 15 s are not made of whole steps of 10 s'],
    ],
    [
      'a coarser step that is kept no longer',
      'store: {retention: "7d,1m:7d"}',
      [
        'kymo.yaml:1:20  store.retention: steps of 60 s are kept for 604800 s, which is no longer than the 604800 s of the finer steps of 10 s',
      ],
    ],
  ]
  test.each(cases)('%s', (_name, text, wanted) => {
    expect(problemsOf(() => loadText(text))).toEqual(wanted)
  })

  test('of thousands of problems the first hundred are listed, and all are counted', () => {
    const text = Array.from({ length: 5000 }, (_, index) => `key${index}: 1`).join('\n')
    const problems = problemsOf(() => loadText(text))
    expect(problems).toHaveLength(101)
    expect(problems.at(-1)).toBe('... and 4900 more')
  })

  test('it ends the process with 78', () => {
    expect(() => loadText('a: 1')).toThrow(expect.objectContaining({ code: 'config-invalid', exitCode: 78 }))
  })
})

describe('a file that cannot be read', () => {
  const unreadable = 'config-unreadable: The configuration file'
  test.each<[string, Given, string]>([
    ['a missing one', { argv: ['x.yaml'] }, `${unreadable} "x.yaml" cannot be read: there is no such file.`],
    [
      'one over 1 MiB',
      { files: { '/srv/kymo/kymo.yaml': '#'.repeat(2 ** 20 + 1) } },
      `${unreadable} "kymo.yaml" cannot be read: it is larger than 1024 KiB.`,
    ],
    [
      'one that is not text',
      { files: { '/srv/kymo/kymo.yaml': new Uint8Array([0xff, 0xfe, 0x00]) } },
      `${unreadable} "kymo.yaml" cannot be read: it is not UTF-8 text.`,
    ],
    [
      'two at once',
      { argv: ['a.yaml', 'b.yaml'] },
      'usage: The command line cannot be read: one configuration file at most, not "a.yaml" and "b.yaml".',
    ],
  ])('%s is refused', (_name, given, wanted) => {
    expect(problemsOf(() => load(given))).toEqual([wanted])
  })

  test('a real folder is refused, and a real file of 1 MiB is not', () => {
    const request = { command: 'start', env: {}, cwd: import.meta.dirname }
    expect(problemsOf(() => loadConfig({ ...request, argv: ['.'] }))).toEqual([
      `${unreadable} "." cannot be read: it is a directory.`,
    ])
    expect(load({ files: { '/srv/kymo/kymo.yaml': '#'.repeat(2 ** 20) } }).configFile).toBe('kymo.yaml')
  })
})

describe('precedence', () => {
  const file = { '/srv/kymo/kymo.yaml': 'http:\n  port: 1001\n' }
  const env = { KYMO_HTTP_PORT: '1002' }
  const argv = ['--http-port', '1003']

  test.each<[string, Given, number, string]>([
    ['default', {}, 8080, 'default'],
    ['file', { files: file }, 1001, 'kymo.yaml:2:9'],
    ['environment over default', { env }, 1002, 'KYMO_HTTP_PORT'],
    ['environment over file', { env, files: file }, 1002, 'KYMO_HTTP_PORT'],
    ['flag over default', { argv }, 1003, '--http-port'],
    ['flag over file', { argv, files: file }, 1003, '--http-port'],
    ['flag over environment', { argv, env }, 1003, '--http-port'],
    ['flag over all', { argv, env, files: file }, 1003, '--http-port'],
  ])('%s', (_name, given, port, source) => {
    const { config, settings } = load(given)
    expect(config.http.port).toBe(port)
    const setting = settings.find(({ key }) => key === 'http.port')
    expect(setting?.value).toBe(port)
    expect(setting && formatSource(setting.source)).toBe(source)
  })

  test('sections are joined key by key, and each value remembers its own source', () => {
    const { settings } = load({
      files: { '/srv/kymo/kymo.yaml': 'http: {port: 1}\nstore: {retention: 1y}' },
      env: { KYMO_HTTP_ALLOWED_HOSTS: 'a.example,b.example' },
      argv: ['--data', 'd'],
    })
    const given = settings.filter(({ source }) => source.kind !== 'default')
    expect(given.map(({ key, value, source }) => [key, value, formatSource(source)])).toEqual([
      ['http.port', 1, 'kymo.yaml:1:14'],
      ['http.allowed_hosts', ['a.example', 'b.example'], 'KYMO_HTTP_ALLOWED_HOSTS'],
      ['store.enabled', true, '--data'],
      ['store.path', 'd', '--data'],
      ['store.retention', '1y', 'kymo.yaml:2:20'],
    ])
  })

  test('a list replaces the whole list below it', () => {
    const { config, settings } = load({
      files: { '/srv/kymo/kymo.yaml': 'sinks: [{type: stdout}, {type: stderr}]' },
      env: { KYMO_SINKS: '[{"type": "graphite", "host": "carbon.example"}]' },
    })
    expect(config.sinks.map(({ type }) => type)).toEqual(['graphite'])
    expect(settings.find(({ key }) => key === 'sinks[0].type')?.source).toEqual({
      kind: 'environment',
      variable: 'KYMO_SINKS',
    })
  })

  test('a mistake in one source is told even if another hides it', () => {
    const problems = problemsOf(() =>
      load({
        files: { '/srv/kymo/kymo.yaml': 'http: {port: a}' },
        env: { KYMO_HTTP_PORT: 'b', KYMO_LOG_LEVEL: 'loud' },
        argv: ['--http-port', 'c', '--flush-interval', '10'],
      }),
    )
    expect(problems).toEqual([
      'kymo.yaml:1:14  http.port: found "a", wanted a whole number from 0 to 65535',
      'KYMO_HTTP_PORT  http.port: found "b", wanted a whole number from 0 to 65535',
      'KYMO_LOG_LEVEL  log.level: found "loud", wanted one of debug, info, warn, error',
      '--http-port  http.port: found "c", wanted a whole number from 0 to 65535',
      '--flush-interval  flush.interval: found "10", wanted a duration with its unit: write "10s"',
    ])
  })
})

describe('each flag', () => {
  const cases: [string[], (config: Config) => unknown, unknown][] = [
    [['--data', 'here'], ({ store }) => store.path, '/srv/kymo/here'],
    [['--data=here'], ({ store }) => store.path, '/srv/kymo/here'],
    [['--no-store'], ({ store }) => store.enabled, false],
    [['--flush-interval', '1s'], ({ flush }) => flush.intervalMs, 1000],
    [['--receivers', '2'], ({ receivers }) => receivers, 2],
    [['--receivers', 'auto'], ({ receivers }) => receivers, 1],
    [['--stdout'], ({ sinks }) => sinks.map(({ type, name }) => [type, name]), [['stdout', 'stdout']]],
    [['--stderr'], ({ sinks }) => sinks.map(({ type }) => type), ['stderr']],
    [['--statsd-port', '0'], ({ statsd }) => statsd.port, 0],
    [['--graphite-port', '1'], ({ graphite }) => graphite.port, 1],
    [['--admin-port', '2'], ({ admin }) => admin.port, 2],
    [['--http-port', '3'], ({ http }) => http.port, 3],
    [['--http-port', '3', '--http-port', '4'], ({ http }) => http.port, 4],
    [['--listen', '::'], ({ intakeHosts }) => intakeHosts, ['::']],
    [['--http-listen', '127.0.0.2'], ({ http }) => http.hosts, ['127.0.0.2']],
    [['--http-listen', '0.0.0.0', '--insecure-open'], ({ http }) => http.insecureOpen, true],
    [['--log-level', 'error'], ({ log }) => log.level, 'error'],
  ]
  test.each(cases)('%j', (argv, pick, wanted) => {
    expect(pick(load({ argv }).config)).toEqual(wanted)
  })

  test('--stdout adds to the sinks of the file, unless one prints there already', () => {
    const types = (text: string): string[] =>
      load({ argv: ['--stdout'], files: { '/srv/kymo/kymo.yaml': text } }).config.sinks.map(
        ({ type }) => type,
      )
    expect(types('sinks: [{type: graphite, host: a.example}]')).toEqual(['graphite', 'stdout'])
    expect(types('sinks: [{type: stdout, name: mine}]')).toEqual(['stdout'])
  })

  test('--data turns on a store that the file turns off', () => {
    const files = { '/srv/kymo/kymo.yaml': 'store: {enabled: false}' }
    expect(load({ files }).config.store.enabled).toBe(false)
    expect(load({ files, argv: ['--data', 'x'] }).config.store.enabled).toBe(true)
  })

  test.each<[string[], string]>([
    [['--http-prt', '1'], 'there is no flag "--http-prt" (did you mean --http-port?)'],
    [['--httpPort=1'], 'there is no flag "--httpPort" (did you mean --http-port?)'],
    [['--__proto__'], 'there is no flag "--__proto__"'],
    [['-x'], 'there is no flag "-x"'],
    [['--json'], 'there is no flag "--json"'],
    [['--data'], '--data needs a value: --data DIR'],
    [['--data='], '--data needs a value: --data DIR'],
    [['--data', '--stdout'], '--data needs a value: --data DIR'],
    [['--no-store=yes'], '--no-store takes no value'],
    [['--data', 'x', '--no-store'], '--data and --no-store exclude each other'],
    [['--stdout', '--stderr'], '--stdout and --stderr exclude each other'],
  ])('%j cannot be read', (argv, problem) => {
    expect(problemsOf(() => load({ argv }))).toEqual([`usage: The command line cannot be read: ${problem}.`])
  })

  test('a number with a sign is a value, and a wrong one', () => {
    expect(problemsOf(() => load({ argv: ['--http-port', '-1'] }))).toEqual([
      '--http-port  http.port: found -1, wanted a whole number from 0 to 65535',
    ])
  })

  test('what follows -- is the file', () => {
    expect(load({ argv: ['--', '--odd'], files: { '/srv/kymo/--odd': '' } }).configFile).toBe('--odd')
  })
})

describe('the environment', () => {
  test.each<[Record<string, string>, (config: Config) => unknown, unknown]>([
    [{ KYMO_DATA: 'd' }, ({ store }) => store.path, '/srv/kymo/d'],
    [{ KYMO_STORE_ENABLED: 'false' }, ({ store }) => store.enabled, false],
    [{ KYMO_FLUSH_INTERVAL: '1s' }, ({ flush }) => flush.intervalMs, 1000],
    [{ KYMO_RECEIVERS: 'auto' }, ({ receivers }) => receivers, 1],
    [{ KYMO_RECEIVERS: '7' }, ({ receivers }) => receivers, 7],
    [{ KYMO_AGGREGATOR_PERCENTILES: '50, 99.9' }, ({ aggregator }) => aggregator.percentiles, [50, 99.9]],
    [{ KYMO_AGGREGATOR_PERCENTILES: '[]' }, ({ aggregator }) => aggregator.percentiles, []],
    [
      { KYMO_STATSD_TAG_FORMS: 'graphite, influx' },
      ({ statsd }) => statsd.rules.tagForms,
      ['graphite', 'influx'],
    ],
    [{ KYMO_QUERY_MAX_SERIES: '5' }, ({ query }) => query.maxSeries, 5],
    [{ KYMO_INSECURE_OPEN: 'true' }, ({ http }) => http.insecureOpen, true],
    [{ KYMO_HTTP_PORT: '' }, ({ http }) => http.port, 8080],
    [{ KYMO_TEST_FULL: '1', KYMOGRAPH: 'x', PATH: '/bin' }, (config) => config, DEFAULTS],
  ])('%j', (env, pick, wanted) => {
    expect(pick(load({ env }).config)).toEqual(wanted)
  })

  test('a value may be in a file', () => {
    const given = { env: { KYMO_HTTP_PORT_FILE: 'port' }, files: { '/srv/kymo/port': '9000\n' } }
    const { config, settings } = load(given)
    expect(config.http.port).toBe(9000)
    expect(settings.find(({ key }) => key === 'http.port')?.source).toEqual({
      kind: 'environment',
      variable: 'KYMO_HTTP_PORT_FILE',
    })
  })

  test.each<[Record<string, string>, string]>([
    [{ KYMO_HTP_PORT: '1' }, 'KYMO_HTP_PORT  is not a variable of Kymo; did you mean KYMO_HTTP_PORT?'],
    [{ KYMO_STORE_PATH: 'x' }, 'KYMO_STORE_PATH  is not a variable of Kymo; did you mean KYMO_DATA?'],
    [{ KYMO_NONSENSE: 'x' }, 'KYMO_NONSENSE  is not a variable of Kymo'],
    [{ KYMO_: 'x' }, 'KYMO_  is not a variable of Kymo'],
    [{ KYMO_FILE: 'x' }, 'KYMO_FILE  is not a variable of Kymo'],
    [{ KYMO___PROTO__: 'x' }, 'KYMO___PROTO__  is not a variable of Kymo'],
    [
      { KYMO_DATA_FILE: '/nope' },
      'KYMO_DATA_FILE  names the file "/nope", which cannot be read: there is no such file',
    ],
    [
      { KYMO_DATA_FILE: 'f', KYMO_DATA: 'x' },
      'KYMO_DATA_FILE  is given together with KYMO_DATA; keep one of them',
    ],
    [{ KYMO_STORE_ENABLED: 'yes' }, 'KYMO_STORE_ENABLED  store.enabled: found "yes", wanted true or false'],
    [{ KYMO_SINKS: '[{' }, 'KYMO_SINKS  sinks: found "[{", wanted a list'],
    [{ KYMO_SINKS: 'stdout' }, 'KYMO_SINKS  sinks: found "stdout", wanted a list'],
    [
      { KYMO_SINKS: '[{"type": "graphite", "prt": 1}]' },
      'KYMO_SINKS  sinks[0].prt: unknown key; did you mean "port"?',
    ],
    [
      { KYMO_SINKS: '[{"type": "stdout", "__proto__": 1}]' },
      'KYMO_SINKS  sinks[0].__proto__: unknown key; known here are type, name, queue_points, spool_bytes, include, exclude, rename, drop_tags, tags, flush_every, format',
    ],
    [
      { KYMO_HTTP_PORT: '0x50' },
      'KYMO_HTTP_PORT  http.port: found "0x50", wanted a whole number from 0 to 65535',
    ],
  ])('%j is a mistake', (env, problem) => {
    expect(problemsOf(() => load({ env, files: { '/srv/kymo/f': '' } }))).toEqual([problem])
  })

  test('what Kubernetes says about services named kymo is none of ours', () => {
    const env = {
      KYMO_SERVICE_HOST: '10.0.0.1',
      KYMO_SERVICE_PORT: '8125',
      KYMO_SERVICE_PORT_STATSD_UDP: '8125',
      KYMO_PORT: 'udp://10.0.0.1:8125',
      KYMO_PORT_8125_UDP: 'udp://10.0.0.1:8125',
      KYMO_PORT_8125_UDP_ADDR: '10.0.0.1',
      KYMO_HTTP_PORT: 'tcp://10.0.0.2:8080',
      KYMO_HTTP_SERVICE_HOST: '10.0.0.2',
    }
    expect(load({ env }).config).toEqual(DEFAULTS)
  })
})

describe('letting others in', () => {
  test.each([['0.0.0.0'], ['::'], ['192.0.2.1'], ['127.0.0.1,192.0.2.1']])(
    'HTTP on %s needs a word',
    (address) => {
      const argv = ['--http-listen', address]
      expect(() => load({ argv })).toThrow(
        expect.objectContaining({ code: 'http-open-without-credentials', exitCode: 78 }),
      )
      const { warnings } = load({ argv: [...argv, '--insecure-open'] })
      expect(warnings).toEqual([expect.stringContaining('without credentials')])
    },
  )

  test.each([['127.0.0.1'], ['localhost'], ['::1'], ['[::1]'], ['127.1.2.3'], ['0:0:0:0:0:0:0:1']])(
    '%s is this machine',
    (address) => {
      expect(load({ argv: ['--http-listen', address, '--listen', address] }).warnings).toEqual([])
    },
  )

  test('open intake is a warning', () => {
    expect(load({ argv: ['--listen', '0.0.0.0'] }).warnings).toEqual([
      expect.stringContaining('StatsD and Graphite are received on 0.0.0.0'),
    ])
  })

  test('keeping nothing and passing on nothing is a warning', () => {
    expect(load({ argv: ['--no-store'] }).warnings).toEqual([expect.stringContaining('Nothing is kept')])
    expect(load({ argv: ['--no-store', '--stdout'] }).warnings).toEqual([])
  })
})
