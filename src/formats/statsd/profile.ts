// What tells the dialects of StatsD apart. docs/formats/statsd.md has the same as one table, for people.

export const STATSD_PROFILES = ['default', 'statsd', 'dogstatsd'] as const
export type StatsdProfile = (typeof STATSD_PROFILES)[number]

/**
 * Where tags stand:
 *
 *   dogstatsd  name:1|c|#k:v,flag        graphite  name;k=v;flag:1|c
 *   influx     name,k=v,flag:1|c         librato   name#k=v,flag:1|c        signalfx  na[k=v,flag]me:1|c
 */
export const TAG_FORMS = ['dogstatsd', 'graphite', 'influx', 'librato', 'signalfx'] as const
export type TagForm = (typeof TAG_FORMS)[number]

/** What stays of a name. `ascii`: letters, digits, `_`, `-`, `.`; `etsy`: `=` too; `utf8`: all that can be shown. */
export const NAME_RULES = ['ascii', 'etsy', 'utf8'] as const
export type NameRule = (typeof NAME_RULES)[number]

/** What `+3` and `-3` do to a gauge: they are added to what it holds, or they set it. */
export const GAUGE_SIGNS = ['relative', 'absolute'] as const
export type GaugeSign = (typeof GAUGE_SIGNS)[number]

export interface DialectRules {
  readonly tagForms: readonly TagForm[]
  readonly names: NameRule
  /** Tags pass through etsy's rule for names instead of Kymo's for tags. */
  readonly hasEtsyTags: boolean
  /** `kymo`: c m, g, ms h d, s. `agent`: without m. `etsy`: g, ms, s, and everything else is a counter. */
  readonly types: 'kymo' | 'agent' | 'etsy'
  readonly gaugeSign: GaugeSign
  /** `packed`: 1:2:3|ms. `chained`: 1|ms:2|c. */
  readonly severalValues: 'either' | 'packed' | 'chained'
  /** `ms` may be negative. */
  readonly hasNegativeTimes: boolean
  /** A time of its own (`|T1700000000`) makes a point; otherwise the field is passed over. */
  readonly hasTimedPoints: boolean
  /** `counted`: the bytes around title and text must be where the lengths say. `loose`: they are not looked at. */
  readonly events: 'counted' | 'loose' | 'none'
  /** Tags by which clients tell the Datadog agent who they are do not become tags of the metric. */
  readonly dropsInternalTags: boolean
}

/** What may be set apart from the profile. */
export type SettableRules = Pick<DialectRules, 'gaugeSign' | 'names' | 'tagForms'>

export const PROFILE_RULES: Readonly<Record<StatsdProfile, DialectRules>> = {
  default: {
    tagForms: TAG_FORMS,
    names: 'ascii',
    hasEtsyTags: false,
    types: 'kymo',
    gaugeSign: 'relative',
    severalValues: 'either',
    hasNegativeTimes: false,
    hasTimedPoints: true,
    events: 'counted',
    dropsInternalTags: true,
  },
  statsd: {
    tagForms: ['dogstatsd', 'graphite'],
    names: 'etsy',
    hasEtsyTags: true,
    types: 'etsy',
    gaugeSign: 'relative',
    severalValues: 'chained',
    hasNegativeTimes: false,
    hasTimedPoints: false,
    events: 'none',
    dropsInternalTags: false,
  },
  dogstatsd: {
    tagForms: ['dogstatsd'],
    names: 'utf8',
    hasEtsyTags: false,
    types: 'agent',
    gaugeSign: 'absolute',
    severalValues: 'packed',
    hasNegativeTimes: true,
    hasTimedPoints: true,
    events: 'loose',
    dropsInternalTags: true,
  },
}
