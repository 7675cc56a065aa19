import * as z from 'zod'
import { adminOptions } from '../admin/options.ts'
import { intakeRulesOptions, seriesLimitsOptions } from '../admission/options.ts'
import { aggregatorOptions } from '../aggregator/options.ts'
import { DEFAULT_STATSD_LIMITS } from '../formats/statsd/limits.ts'
import { GAUGE_SIGNS, NAME_RULES, STATSD_PROFILES, TAG_FORMS } from '../formats/statsd/profile.ts'
import {
  choice,
  duration,
  integer,
  optionalChoice,
  optionalPort,
  port,
  RELOADABLE,
  section,
  size,
  sizeOrAuto,
  text,
  toggle,
} from '../lib/option.ts'
import { formatDuration } from '../lib/units.ts'
import { sinkOptions } from '../sinks/options.ts'
import { HOSTS_WANTED, parseHosts } from './host-address.ts'
import { retentionLevels } from './retention-option.ts'

const DAY_MS = 86_400_000
export const FSYNC_CHOICES = ['always', '1s', 'off'] as const

/**
 * Everything that can be set, as it is written in kymo.yaml. The one place: the file's JSON Schema, the environment
 * variables, the reference and the texts of flags are all made from this. config.ts turns it into what the rest of Kymo
 * is handed.
 */
export const configSchema = z.strictObject({
  listen: hosts(
    'Addresses that StatsD and Graphite are received on; several with commas between. `localhost` is loopback of both families.',
    'localhost',
  ),
  receivers: z
    .union([z.literal('auto'), z.int().min(1).max(64)])
    .prefault('auto')
    .meta({
      description:
        'Threads that receive datagrams. `auto` is one on up to 4 cores, and one more for every further 4.',
    }),
  receiver: choice(
    'How datagrams are received. `recvmmsg`: many at a time by a call of Linux; `dgram`: one at a time as Node does everywhere; `auto`: the first where there is one.',
    ['auto', 'recvmmsg', 'dgram'],
    'auto',
  ),
  statsd: section('StatsD, over UDP and TCP.', {
    port: port('Port for StatsD, UDP and TCP. 0 asks for a free one.', 8125),
    profile: choice(
      "Whose clients are to get the numbers they are used to: `default`, as docs/formats/statsd.md says; `statsd`, etsy's; `dogstatsd`, the Datadog agent's. It also decides how `aggregator` is set where that is left out.",
      STATSD_PROFILES,
      'default',
    ).meta(RELOADABLE),
    gauge_sign: optionalChoice(
      'What `+3` and `-3` do to a gauge: `relative`, they are added to what it holds; `absolute`, they set it. Left out: as the profile has it.',
      GAUGE_SIGNS,
    ).meta(RELOADABLE),
    names: optionalChoice(
      'What stays of a name: `ascii`, letters, digits, `_`, `-` and `.`; `etsy`, `=` too; `utf8`, all that can be shown. Left out: as the profile has it.',
      NAME_RULES,
    ).meta(RELOADABLE),
    tag_forms: z
      .array(z.enum(TAG_FORMS))
      .refine((forms) => new Set(forms).size === forms.length, { error: 'a list without repetitions' })
      .optional()
      .meta({
        description:
          'Notations of tags that are read; the others are no tags. `[]` reads none. Left out: as the profile has it.',
      })
      .meta(RELOADABLE),
    unix_datagram: socketPath(
      "Path of a Unix socket that takes datagrams, as Datadog's clients send to `unix://` paths. Not given: none. A relative one starts at the working directory.",
    ),
    unix_stream: socketPath('Path of a Unix socket that takes streams. Not given: none.'),
    unix_mode: z
      .string()
      .regex(/^0?[0-7]{3}$/, { error: "permissions as digits in quotes, such as '0722'" })
      .prefault('0722')
      .meta({ description: 'Permissions of the Unix sockets; whoever may write to one may send.' }),
    unix_framing: choice(
      "How clients of the Unix stream part what they send: `length`, by four bytes in front of each packet as Datadog's do, or `lines`, by line ends.",
      ['length', 'lines'],
      'length',
    ),
    unix_max_frame: size(
      'The longest packet that a client of the Unix stream may announce with `unix_framing: length`. A longer one ends its connection.',
      '64KiB',
      { min: '1KiB', max: '1MiB' },
    ),
    name_bytes: integer('The longest name, in bytes, without its tags.', DEFAULT_STATSD_LIMITS.nameBytes, {
      min: 1,
      max: 65_535,
    }).meta(RELOADABLE),
    name_nodes: integer('The most nodes of a name: what its dots divide.', DEFAULT_STATSD_LIMITS.nameNodes, {
      min: 1,
      max: 1_000,
    }).meta(RELOADABLE),
    tags: integer('The most tags of one line.', DEFAULT_STATSD_LIMITS.tags, { min: 0, max: 1_000 }).meta(
      RELOADABLE,
    ),
    tag_bytes: integer('The longest tag, key and value together, in bytes.', DEFAULT_STATSD_LIMITS.tagBytes, {
      min: 1,
      max: 65_535,
    }).meta(RELOADABLE),
  }),
  graphite: section("Graphite's plaintext protocol, over TCP and UDP, and its pickle protocol.", {
    port: port('Port for Graphite plaintext, TCP and UDP. 0 asks for a free one.', 2003),
    pickle_port: optionalPort(
      "Port for Graphite's pickle protocol, TCP; carbon's is 2004. 0 asks for a free one. Not given: none. Only numbers and text are read from pickles, nothing in them is run.",
    ),
  }),
  otlp: section("OpenTelemetry's protocol over gRPC. Over HTTP it comes to `/v1/metrics`.", {
    grpc_port: optionalPort(
      'Port for OTLP over gRPC, on the addresses of `listen`; exporters expect 4317. 0 asks for a free one. Not given: none.',
    ),
  }),
  admin: section(
    "The management console of StatsD, over TCP. On this machine's loopback only.",
    adminOptions,
  ),
  http: section('Pages, queries and status over HTTP.', {
    port: port('Port for HTTP. 0 asks for a free one.', 8080),
    listen: hosts(
      'Addresses that HTTP is served on. Any other than loopback needs `insecure_open`, as there are no credentials yet.',
      'localhost',
    ),
    allowed_hosts: z
      .array(
        z
          .string()
          .regex(/^[A-Za-z0-9]([A-Za-z0-9.-]{0,251}[A-Za-z0-9])?$/, { error: 'a host name without a port' }),
      )
      .max(100)
      .prefault([])
      .meta({
        description:
          'Names that this server goes by, besides its addresses. Requests for other names are refused, so that no page elsewhere can reach it through a name of its own.',
      }),
    insecure_open: toggle(
      'Serve other machines without credentials. Only where the network in front of it is trusted.',
      false,
    ),
  }),
  rules: intakeRulesOptions,
  limits: section(
    'How many metrics there may be, so that a flood of names cannot fill the memory.',
    seriesLimitsOptions,
  ).meta(RELOADABLE),
  flush: section('When what was collected becomes points.', {
    interval: duration(
      'How long samples are collected before they become points. It divides a day, so that flushes fall on the same times every day.',
      '10s',
      { min: '100ms', max: '1d', refuse: explainMisalignment },
    ),
  }),
  aggregator: aggregatorOptions,
  store: section('What is kept on this machine.', {
    enabled: toggle('Keep points. If not, Kymo aggregates and passes on only.', true),
    path: text(
      'Directory that data is kept in. A relative one starts at the working directory.',
      './kymo-data',
    ),
    fsync: choice(
      'When what was written is forced to the disk. `always`: before it is acknowledged; a power cut loses nothing. `1s`: at each flush, and within a second; a power cut loses the points with their own times of the last second. `off`: when the operating system likes; a power cut loses up to ten minutes, and may leave gaps in them. A process that is killed loses nothing of what was written, whichever.',
      FSYNC_CHOICES,
      '1s',
    ).meta(RELOADABLE),
    retention: retentionLevels(
      'How long series are kept, and how fine. `7d,1m:90d,10m:5y`: points as they come for 7 days, up to 90 days a value for each minute, up to 5 years one for each 10 minutes; `90d`: as they come for 90 days, and nothing after that. What is older is rolled up exactly: sums, means, lowest, highest and last values stay right at any age.',
      '7d,1m:90d,10m:5y',
    ).meta(RELOADABLE),
    schemas: rulesPath(
      'Path of a `storage-schemas.conf` of carbon, whose rules say for the names they match what `retention` says for all others. Not given: none.',
    ).meta(RELOADABLE),
    aggregation: rulesPath(
      'Path of a `storage-aggregation.conf` of carbon: how the values of a series become one of a coarser step. It goes before what the type of a metric says. Not given: none.',
    ).meta(RELOADABLE),
    sketches: choice(
      'Keep the sketch of each timer and flush, so that `timerPercentile` says what percentile of all values it was, over any time and any number of hosts, right to 1.1 %. `on` makes a series of each bucket that a timer has values in, `...sketch.p5_212`: often 50 to 150 for a timer.',
      ['off', 'on'],
      'off',
    ).meta(RELOADABLE),
    future_limit: duration(
      'How far ahead of the clock a point that comes with its own time may be. One that is further ahead, or older than the retention, is not kept, and counted.',
      '10m',
      { min: '1s', max: '1d' },
    ).meta(RELOADABLE),
    reserved_space: sizeOrAuto(
      'Space on the disk that is left free. With less than this, points wait in memory until there is more. `auto` is a hundredth of the file system, at least 100 MB.',
      { max: '1000TiB' },
    ).meta(RELOADABLE),
  }),
  dashboards: section('Dashboards that were saved.', {
    path: z.string().min(1).max(4_096).optional().meta({
      description:
        'Directory of their files, which git can hold. A relative one starts at the working directory. Left out: `dashboards` in `store.path`.',
    }),
  }),
  query: section('Answers, and what they may cost.', {
    threads: integer('Threads that evaluate queries.', 1, { min: 1, max: 8 }),
    max_series: integer('The most series that one query may read.', 10_000, { min: 1, max: 10_000_000 }).meta(
      RELOADABLE,
    ),
    max_points: integer(
      'The most points that one query may hold. Series as they are stored, asked for as csv, raw, rickshaw, or json without maxDataPoints, go out while they are read, and may have 20 times as many.',
      5_000_000,
      { min: 1, max: 1_000_000_000 },
    ).meta(RELOADABLE),
  }),
  sinks: z
    .array(sinkOptions)
    .max(32)
    .prefault([])
    .meta({ description: 'Where flushes go besides the store. A list; each has a `type`.' })
    .meta(RELOADABLE),
  log: section('What Kymo says about itself, on stderr.', {
    level: choice(
      'The least important messages that are logged.',
      ['debug', 'info', 'warn', 'error'],
      'info',
    ),
  }).meta(RELOADABLE),
})

/** The file's values, checked, with quantities in their base unit. */
export type ConfigValues = z.output<typeof configSchema>

function socketPath(description: string) {
  // Some systems allow 103 bytes, and while it is made the socket has a name that is a little longer.
  return z.string().min(1).max(95).optional().meta({ description })
}

function rulesPath(description: string) {
  return z.string().min(1).max(4_096).optional().meta({ description })
}

function hosts(description: string, defaultText: string) {
  return z
    .string()
    .max(1000)
    .transform((value, context): string[] => {
      const result = parseHosts(value)
      if ('hosts' in result) return result.hosts
      context.addIssue({ code: 'custom', message: result.problem })
      return z.NEVER
    })
    .prefault(defaultText)
    .meta({ description, noun: HOSTS_WANTED })
}

/** Names the nearest intervals that do divide a day. */
function explainMisalignment(intervalMs: number): string | undefined {
  if (DAY_MS % intervalMs === 0) return undefined
  const stepMs = intervalMs < 1000 ? 1 : 1000
  let below = Math.floor(intervalMs / stepMs) * stepMs
  while (DAY_MS % below !== 0) below -= stepMs
  let above = Math.ceil(intervalMs / stepMs) * stepMs
  while (DAY_MS % above !== 0) above += stepMs
  return `a duration that divides a day, such as ${formatDuration(below)} or ${formatDuration(above)}`
}
