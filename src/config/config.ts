import { createRuleBook, type RuleBookSource } from '../store/rules/index.ts'
import { type MappingFiles, mappingFileOf } from './read-mapping.ts'
import type { RuleFiles } from './read-rules.ts'
import { toRetentions } from './retention-option.ts'
import path from 'node:path'
import type { StatsdLimits } from '../formats/statsd/limits.ts'
import type { SettableRules, StatsdProfile } from '../formats/statsd/profile.ts'
import type { IntakeRuleOptions, SeriesLimitsOptions } from '../admission/options.ts'
import { type AggregatorConfig, toAggregatorConfig } from '../aggregator/options.ts'
import type { Appetite } from '../sinks/define-sink.ts'
import { appetiteOf, namedSinks, type SinkOptions } from '../sinks/options.ts'
import type { LogLevel } from '../telemetry/log.ts'
import { LOOPBACK_HOSTS } from '../lib/loopback.ts'
import type { ConfigValues } from './schema.ts'

/** What is set, as the rest of Kymo is handed it: plain data, complete, checked, units in the names. Goes to every thread. */
export interface Config {
  /** Addresses for StatsD, Graphite and OTLP over gRPC. */
  readonly intakeHosts: readonly string[]
  /** Addresses for the management console: loopback, always. */
  readonly adminHosts: readonly string[]
  /** Threads that receive datagrams. */
  readonly receivers: number
  readonly receiver: 'auto' | 'recvmmsg' | 'dgram'
  readonly statsd: {
    readonly port: number
    readonly profile: StatsdProfile
    readonly limits: StatsdLimits
    /** What is set apart from the profile, and nothing else. */
    readonly rules: Partial<SettableRules>
    /** Absolute paths of Unix sockets; undefined: none. */
    readonly unixDatagram: string | undefined
    readonly unixStream: string | undefined
    readonly unixMode: number
    readonly unixFraming: 'length' | 'lines'
    readonly unixMaxFrameBytes: number
  }
  readonly graphite: { readonly port: number; readonly picklePort: number | undefined }
  readonly otlp: { readonly grpcPort: number | undefined }
  readonly admin: {
    readonly port: number
    /** The console may delete metrics. */
    readonly writable: boolean
  }
  readonly http: {
    readonly hosts: readonly string[]
    readonly port: number
    readonly allowedHosts: readonly string[]
    /** Served to other machines without credentials, because somebody said so. */
    readonly insecureOpen: boolean
  }
  /** What is let in, and under which name. */
  readonly rules: readonly IntakeRuleOptions[]
  /** How many metrics there may be. */
  readonly limits: SeriesLimitsOptions
  readonly flush: {
    /** Divides a day. */
    readonly intervalMs: number
  }
  readonly aggregator: AggregatorConfig
  readonly store: {
    readonly enabled: boolean
    /** Absolute. */
    readonly path: string
    readonly fsync: ConfigValues['store']['fsync']
    /** How long and how fine each series is kept. */
    readonly rules: RuleBookSource
    /** The sketches of timers are kept. */
    readonly hasSketches: boolean
    /** The longest that any series is kept. */
    readonly retentionMs: number
    /** How far ahead of the clock points may be. */
    readonly futureLimitMs: number
    /** On the disk, left free. */
    readonly reservedBytes: number | 'auto'
  }
  readonly dashboards: {
    /** Absolute. It need not be there. */
    readonly path: string
  }
  readonly query: {
    readonly threads: number
    readonly maxSeries: number
    readonly maxPoints: number
  }
  readonly sinks: readonly SinkConfig[]
  /** What the sinks are to be given besides statistics. */
  readonly appetite: Appetite
  readonly log: { readonly level: LogLevel }
}

/** A sink's own options, as it declares them, and its name, which no other sink has. */
export type SinkConfig = SinkOptions & { readonly name: string }

export interface Surroundings {
  /** Where relative paths start. */
  readonly cwd: string
  /** Where modules are looked for: that of the configuration file. */
  readonly configDirectory: string
  readonly coreCount: number
  /** Those that the values name. They have been checked. */
  readonly ruleFiles: RuleFiles
  readonly mappings: MappingFiles
}

export function toConfig(values: ConfigValues, surroundings: Surroundings): Config {
  const { cwd, coreCount, ruleFiles } = surroundings
  const rules: RuleBookSource = {
    ...ruleFiles,
    defaultRetentions: toRetentions(values.store.retention, values.flush.interval).retentions,
  }
  const sinks = values.sinks.map((sink) => withSurroundings(sink, values, surroundings))
  const absolute = (file: string | undefined): string | undefined =>
    file === undefined ? undefined : path.resolve(cwd, file)
  return {
    intakeHosts: values.listen,
    adminHosts: LOOPBACK_HOSTS,
    receiver: values.receiver,
    receivers: values.receivers === 'auto' ? Math.max(1, Math.ceil(coreCount / 4)) : values.receivers,
    statsd: {
      port: values.statsd.port,
      profile: values.statsd.profile,
      limits: {
        nameBytes: values.statsd.name_bytes,
        nameNodes: values.statsd.name_nodes,
        tags: values.statsd.tags,
        tagBytes: values.statsd.tag_bytes,
      },
      rules: givenRules(values.statsd),
      unixDatagram: absolute(values.statsd.unix_datagram),
      unixStream: absolute(values.statsd.unix_stream),
      unixMode: Number.parseInt(values.statsd.unix_mode, 8),
      unixFraming: values.statsd.unix_framing,
      unixMaxFrameBytes: values.statsd.unix_max_frame,
    },
    graphite: { port: values.graphite.port, picklePort: values.graphite.pickle_port },
    otlp: { grpcPort: values.otlp.grpc_port },
    admin: values.admin,
    http: {
      hosts: values.http.listen,
      port: values.http.port,
      allowedHosts: values.http.allowed_hosts,
      insecureOpen: values.http.insecure_open,
    },
    rules: values.rules,
    limits: values.limits,
    flush: { intervalMs: values.flush.interval },
    aggregator: toAggregatorConfig(values.aggregator, {
      profile: values.statsd.profile,
      intervalMs: values.flush.interval,
      cwd,
    }),
    store: {
      enabled: values.store.enabled,
      path: path.resolve(cwd, values.store.path),
      fsync: values.store.fsync,
      rules,
      hasSketches: values.store.sketches === 'on',
      retentionMs: longestMs(rules),
      futureLimitMs: values.store.future_limit,
      reservedBytes: values.store.reserved_space,
    },
    dashboards: {
      path: path.resolve(cwd, values.dashboards.path ?? path.join(values.store.path, 'dashboards')),
    },
    query: {
      threads: values.query.threads,
      maxSeries: values.query.max_series,
      maxPoints: values.query.max_points,
    },
    sinks: sinks.flatMap(namedSinks),
    appetite: appetiteOf(sinks),
    log: values.log,
  }
}

/** A sink is given what its mapping file says; a module is told where it is looked for, and one made for etsy/statsd all that would stand beside it in the file there. */
function withSurroundings(
  sink: SinkOptions,
  values: ConfigValues,
  { configDirectory, mappings }: Surroundings,
): SinkOptions {
  const mapping = mappings.get(mappingFileOf(sink) ?? '')
  const mapped = { ...sink, mapping }
  if (mapping !== undefined) return mapped
  if (!('module' in sink)) return sink
  const directory = path.resolve(configDirectory, sink.directory ?? '.')
  if (sink.type === 'module') return { ...sink, directory }
  return { ...sink, directory, config: { ...etsySettings(values), ...(sink.config as object | undefined) } }
}

function etsySettings({ aggregator, flush }: ConfigValues): object {
  return {
    flushInterval: flush.interval,
    percentThreshold: aggregator.percentiles,
    histogram: aggregator.histogram,
    prefixStats: aggregator.prefix_stats,
    graphite: {
      legacyNamespace: aggregator.legacy_namespace,
      globalPrefix: aggregator.global_prefix,
      prefixCounter: aggregator.prefix_counter,
      prefixTimer: aggregator.prefix_timer,
      prefixGauge: aggregator.prefix_gauge,
      prefixSet: aggregator.prefix_set,
      // There, an empty one is a dot.
      ...(aggregator.global_suffix === '' ? {} : { globalSuffix: aggregator.global_suffix }),
    },
  }
}

function givenRules({ gauge_sign, names, tag_forms }: ConfigValues['statsd']): Partial<SettableRules> {
  return {
    ...(gauge_sign === undefined ? {} : { gaugeSign: gauge_sign }),
    ...(names === undefined ? {} : { names }),
    ...(tag_forms === undefined ? {} : { tagForms: tag_forms }),
  }
}

function longestMs(rules: RuleBookSource): number {
  const seconds = createRuleBook(rules)
    .allRetentions.flat()
    .map(({ retentionSeconds }) => retentionSeconds)
  return Math.max(...seconds) * 1_000
}
