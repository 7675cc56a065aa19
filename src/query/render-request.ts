import type { Clock } from '../lib/clock.ts'
import { KymoError } from '../telemetry/errors.ts'
import { excerpt } from '../lib/excerpt.ts'
import type { QueryLimits } from './query-limits.ts'
import type { JsonStyle, RequestParameters } from './request-parameters.ts'
import { allValues, lastValue, readFlag, readJsonStyle } from './request-parameters.ts'
import { parseTimeExpression } from './time-expression.ts'
import type { TimeZone } from './time-zone.ts'
import { findTimeZone } from './time-zone.ts'

export const RENDER_FORMATS = [
  'png',
  'svg',
  'json',
  'csv',
  'raw',
  'pickle',
  'msgpack',
  'dygraph',
  'rickshaw',
] as const
export type RenderFormat = (typeof RENDER_FORMATS)[number]

/** What `/render` is asked for. */
export interface RenderRequest {
  readonly targets: readonly string[]
  /** Earlier than `untilSeconds`. */
  readonly fromSeconds: number
  readonly untilSeconds: number
  /** What relative times refer to. */
  readonly nowSeconds: number
  readonly timeZone: TimeZone
  readonly format: RenderFormat
  readonly maxDataPoints: number | undefined
  readonly isWithoutNulls: boolean
  /** Metrictank's `meta=true`: tell from where it was read. JSON only. */
  readonly hasMeta: boolean
  /** Older parts of the range come in the step of its newest part. */
  readonly isStitched: boolean
  /** By name: `template[name]=value`. */
  readonly template: ReadonlyMap<string, string>
  /** Between 0 and 1; undefined: as functions and series have it by themselves. */
  readonly xFilesFactor: number | undefined
  readonly jsonStyle: JsonStyle
}

export interface RenderRequestOptions {
  readonly clock: Clock
  /** For requests that name none, or none that exists. */
  readonly defaultTimeZone: TimeZone
  readonly limits: QueryLimits
}

/**
 * Reads the parameters of `/render` as Graphite does. Throws the KymoErrors `time-invalid`, `range-empty`,
 * `format-unknown` and `request-invalid`.
 */
export function parseRenderRequest(
  parameters: RequestParameters,
  options: RenderRequestOptions,
): RenderRequest {
  const format = readFormat(parameters)
  const timeZone = findTimeZone(lastValue(parameters, 'tz') ?? '') ?? options.defaultTimeZone
  return {
    targets: readTargets(parameters, options.limits),
    ...readRange(parameters, timeZone, options.clock),
    timeZone,
    format,
    maxDataPoints: readMaxDataPoints(parameters),
    isWithoutNulls: readFlag(parameters, 'noNullPoints'),
    hasMeta: readFlag(parameters, 'meta'),
    isStitched: readFlag(parameters, 'stitch'),
    template: readTemplate(parameters),
    xFilesFactor: readXFilesFactor(parameters),
    jsonStyle: readJsonStyle(parameters),
  }
}

/** Blank targets are left out; Rails, PHP and jQuery write `target[]`. */
function readTargets(parameters: RequestParameters, limits: QueryLimits): string[] {
  const targets = [...allValues(parameters, 'target'), ...allValues(parameters, 'target[]')]
  if (targets.length > limits.maxTargets) {
    throw new KymoError('request-invalid', {
      problem: `Parameter \`target\`: ${targets.length} targets in one request; the limit is ${limits.maxTargets}.`,
    })
  }
  return targets.filter((target) => target.trim() !== '')
}

function readRange(
  parameters: RequestParameters,
  timeZone: TimeZone,
  clock: Clock,
): Pick<RenderRequest, 'fromSeconds' | 'untilSeconds' | 'nowSeconds'> {
  const read = (parameter: string, missing: string, nowSeconds: number): number =>
    parseTimeExpression(lastValue(parameters, parameter) ?? missing, { nowSeconds, timeZone, parameter })
  const nowSeconds = read('now', 'now', Math.floor(clock.nowMs() / 1000))
  const from = read('from', '-1d', nowSeconds)
  const until = read('until', 'now', nowSeconds)
  if (from === until) throw new KymoError('range-empty')
  return { fromSeconds: Math.min(from, until), untilSeconds: Math.max(from, until), nowSeconds }
}

function readFormat(parameters: RequestParameters): RenderFormat {
  const format = lastValue(parameters, 'format') ?? readOldFormat(parameters)
  const known = RENDER_FORMATS.find((one) => one === format)
  if (known !== undefined) return known
  if (format === 'pdf') {
    throw new KymoError('request-invalid', {
      problem: 'Parameter `format`: there is no pdf; svg is as sharp at any size, and browsers print it.',
    })
  }
  throw new KymoError('format-unknown', { format: excerpt(format, 100), known: RENDER_FORMATS.join(', ') })
}

/** How the format was asked for before there was a parameter for it. */
function readOldFormat(parameters: RequestParameters): string {
  if (Object.hasOwn(parameters, 'rawData')) return 'raw'
  if (Object.hasOwn(parameters, 'pickle')) return 'pickle'
  return 'png'
}

function readTemplate(parameters: RequestParameters): Map<string, string> {
  const template = new Map<string, string>()
  for (const parameter of Object.keys(parameters)) {
    const name = /^template\[(.+)\]$/.exec(parameter)?.[1]
    const value = allValues(parameters, parameter).at(-1)
    if (name !== undefined && value !== undefined) template.set(name, value)
  }
  return template
}

function readXFilesFactor(parameters: RequestParameters): number | undefined {
  const text = lastValue(parameters, 'xFilesFactor')
  if (text === undefined) return undefined
  const value = Number(text)
  if (value >= 0 && value <= 1) return value
  throw new KymoError('request-invalid', {
    problem: `Parameter \`xFilesFactor\`: "${excerpt(text, 100)}" is not a number between 0 and 1.`,
  })
}

/** Anything but digits is ignored, as in Graphite; so is 0, where Graphite fails. */
function readMaxDataPoints(parameters: RequestParameters): number | undefined {
  const text = lastValue(parameters, 'maxDataPoints') ?? ''
  return /^[0-9]+$/.test(text) && Number(text) > 0 ? Number(text) : undefined
}
