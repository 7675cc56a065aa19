import type { IncomingLines, SizeOrder, SizeReport, StatusReport } from '../../src/api/services.ts'
import type { SeriesIdentity, Statistic } from '../../src/model/series-identity.ts'

/**
 * What the page asks of Kymo's HTTP API. Every call takes an AbortSignal: an answer nobody waits for any more is
 * not worth its bytes.
 */

export type {
  ChildSize,
  IncomingLine,
  IncomingLines,
  RefusedTime,
  RejectionSample,
  StatusReport,
} from '../../src/api/services.ts'

export type MetricKind = SeriesIdentity['metricType']

/** A metric as it was sent, with the series that Kymo keeps of it: an entry of `GET /api/metrics`. */
export interface MetricEntry {
  /** `shop.checkout;env=prod`. Hostile text. */
  readonly key: string
  readonly type: MetricKind
  readonly firstSeenMs: number
  readonly lastSeenMs: number
  readonly series: readonly SeriesEntry[]
}

/** One name may be sent as two types: those are two metrics. */
export function metricId(metric: MetricEntry): string {
  return `${metric.type} ${metric.key}`
}

export interface SeriesEntry {
  readonly key: string
  readonly statistic: Statistic
  /** Only for percentile statistics: 90 for `upper_90`. */
  readonly percentile?: number
}

export interface RenderRequest {
  readonly targets: readonly string[]
  /** Exclusive, as Graphite has it. */
  readonly fromSeconds: number
  /** Inclusive. */
  readonly untilSeconds: number
}

/** One series of an answer to `/render?format=json`. */
export interface RenderedSeries {
  readonly target: string
  readonly datapoints: readonly (readonly [value: number | null, seconds: number])[]
}

/** Kymo answered, and the answer was no. */
export class ApiError extends Error {
  readonly status: number
  /** What to do about it; '': Kymo does not say. */
  readonly help: string

  constructor(status: number, message: string, help = '') {
    super(message)
    this.name = 'ApiError'
    this.status = status
    this.help = help
  }
}

/** Why something failed, and what to do about it where Kymo says so. */
export function problemOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  return error instanceof ApiError && error.help !== '' ? `${error.message} ${error.help}` : error.message
}

export async function fetchStatus(signal: AbortSignal): Promise<StatusReport> {
  return (await fetchJson('/api/status', { signal })) as StatusReport
}

/** As many as Kymo lists at once. */
const METRIC_LIMIT = 1000

/** The newest first, up to a thousand: of all, or of those that have each word of a search. */
export async function fetchMetrics(signal: AbortSignal, search = ''): Promise<readonly MetricEntry[]> {
  const query = new URLSearchParams({ limit: String(METRIC_LIMIT), ...(search !== '' && { search }) })
  const answer = (await fetchJson(`/api/metrics?${query.toString()}`, { signal })) as {
    metrics: readonly MetricEntry[]
  }
  return answer.metrics
}

/** What metrics belong to: an entry of `GET /api/services`. */
export interface ServiceEntry {
  /** Of its dashboard: `shop`, `;service=shop`. Hostile text. */
  readonly prefix: string
  /** Where it runs, by its metrics' tags. Hostile text. */
  readonly environments: readonly string[]
  readonly metricCount: number
  /** How many there are of each type, the most first. */
  readonly types: readonly { readonly type: MetricKind; readonly count: number }[]
  /** When its first metric came. */
  readonly firstSeenMs: number
  readonly lastSeenMs: number
  /** The metric that shows best whether it is alive. */
  readonly pulse: MetricEntry
}

export interface ServiceList {
  readonly services: readonly ServiceEntry[]
  /** How many there are. */
  readonly count: number
}

/** The newest first. */
export async function fetchServices(limit: number, signal: AbortSignal): Promise<ServiceList> {
  return (await fetchJson(`/api/services?limit=${limit}`, { signal })) as ServiceList
}

export async function fetchRender(
  request: RenderRequest,
  signal: AbortSignal,
): Promise<readonly RenderedSeries[]> {
  return (await fetchJson('/render', {
    method: 'POST',
    body: renderForm(request),
    signal,
  })) as readonly RenderedSeries[]
}

/** Targets go into a form body: a few dozen long names do not fit into an address. */
export function renderForm(request: RenderRequest): URLSearchParams {
  const form = new URLSearchParams()
  for (const target of request.targets) form.append('target', target)
  form.append('from', String(request.fromSeconds))
  form.append('until', String(request.untilSeconds))
  form.append('format', 'json')
  return form
}

export interface TargetRequest {
  readonly target: string
  readonly fromSeconds: number
  readonly untilSeconds: number
  readonly maxDataPoints: number
  /** In which functions find days. */
  readonly zone: string
  /** The saved dashboard that it is asked for; undefined: none. */
  readonly dashboard?: string | undefined
}

export interface TargetSeries extends RenderedSeries {
  /** Between two points of the answer. */
  readonly stepSeconds: number
  /** Between the points that it was made of, as they came; null: they were read rolled up. */
  readonly readStepSeconds: number | null
}

/** Of Metrictank's dialect, what is read here: `archive-read` is 0 for points as they came. */
interface DescribedSeries extends RenderedSeries {
  readonly interval: number
  readonly meta: readonly { readonly 'archive-read': number; readonly 'archive-interval': number }[]
}

/** The series of one target, merged to what can be drawn. */
export async function fetchTarget(
  request: TargetRequest,
  signal: AbortSignal,
): Promise<readonly TargetSeries[]> {
  const form = renderForm({ ...request, targets: [request.target] })
  form.append('meta', 'true')
  form.append('maxDataPoints', String(request.maxDataPoints))
  form.append('tz', request.zone)
  const { dashboard } = request
  const answer = (await fetchJson('/render', { method: 'POST', body: form, signal, dashboard })) as {
    series: readonly DescribedSeries[]
  }
  return answer.series.map(({ target, datapoints, interval, meta }) => {
    const isRolledUp = meta.some((one) => one['archive-read'] > 0)
    const steps = meta.map((one) => one['archive-interval'])
    return {
      target,
      datapoints,
      stepSeconds: interval,
      readStepSeconds: isRolledUp || steps.length === 0 ? null : Math.min(...steps),
    }
  })
}

/** A function that targets may call: an entry of `GET /functions`. */
export interface FunctionEntry {
  readonly name: string
  readonly description: string
  readonly params: readonly FunctionParameter[]
}

export interface FunctionParameter {
  readonly name: string
  readonly type: string
  readonly required?: true
  readonly default?: string | number | boolean
  readonly multiple?: true
  readonly options?: readonly (string | number | boolean | null)[]
}

/** By name. */
export async function fetchFunctions(): Promise<ReadonlyMap<string, FunctionEntry>> {
  return new Map(Object.entries((await fetchJson('/functions', {})) as Record<string, FunctionEntry>))
}

export interface PathNode {
  /** `stats.counters.`: a branch ends with a dot. */
  readonly path: string
  readonly is_leaf: '0' | '1'
}

/** The nodes of the tree of names that match a pattern. */
export async function findNodes(pattern: string, signal: AbortSignal): Promise<readonly PathNode[]> {
  const query = new URLSearchParams({ query: pattern, format: 'completer' })
  const answer = (await fetchJson(`/metrics/find?${query.toString()}`, { signal })) as {
    metrics: readonly PathNode[]
  }
  return answer.metrics
}

/** What times in Graphite's grammar mean: epoch seconds. */
export async function resolveTimes(
  from: string,
  until: string,
  zone: string,
  signal: AbortSignal,
): Promise<{ readonly from: number; readonly until: number }> {
  const query = new URLSearchParams({ target: 'kymo.time', from, until, tz: zone })
  return (await fetchJson(`/api/explain?${query.toString()}`, { signal })) as { from: number; until: number }
}

export interface EventEntry {
  readonly id: number
  readonly kind: string
  readonly timeMs: number
  /** Hostile text, as the tags and `text` are. */
  readonly title: string
  readonly text?: string
  readonly tags: readonly string[]
  readonly alertType?: string
}

const EVENT_LIMIT = 200

/** The newest first. */
export async function fetchEvents(
  fromSeconds: number,
  untilSeconds: number,
  signal: AbortSignal,
): Promise<readonly EventEntry[]> {
  const query = new URLSearchParams({
    from: String(fromSeconds),
    until: String(untilSeconds),
    kind: 'event',
    limit: String(EVENT_LIMIT),
  })
  const answer = (await fetchJson(`/events?${query.toString()}`, { signal })) as {
    events: readonly EventEntry[]
  }
  return answer.events
}

export interface SizeAnswer extends SizeReport {
  readonly prefix: string
}

/** What is below a prefix, the largest first. */
export async function fetchSize(prefix: string, order: SizeOrder, signal: AbortSignal): Promise<SizeAnswer> {
  const query = new URLSearchParams({ prefix, order, limit: String(SIZE_LIMIT) })
  return (await fetchJson(`/api/size?${query.toString()}`, { signal })) as SizeAnswer
}

const SIZE_LIMIT = 200

const TAG_LIMIT = 200

/** Names of the tags that series have. Every series has `name`, which says nothing here. */
export async function fetchTags(signal: AbortSignal): Promise<readonly string[]> {
  const tags = (await fetchJson(`/tags?limit=${TAG_LIMIT}`, { signal })) as readonly {
    readonly tag: string
  }[]
  return tags.flatMap(({ tag }) => (tag === 'name' ? [] : [tag]))
}

/** Some of the lines that came since; asking is what makes Kymo sample them. */
export async function fetchIncoming(after: number, signal: AbortSignal): Promise<IncomingLines> {
  return (await fetchJson(`/api/incoming?after=${after}`, { signal })) as IncomingLines
}

interface JsonRequest extends Omit<RequestInit, 'headers'> {
  /** Of the body. */
  readonly type?: string
  /** The saved dashboard that it is asked for: the size page says who asked for what last. */
  readonly dashboard?: string | undefined
}

export async function fetchJson(
  path: string,
  { type, dashboard, ...options }: JsonRequest,
): Promise<unknown> {
  const headers = {
    accept: 'application/json',
    ...(type !== undefined && { 'content-type': type }),
    ...(dashboard !== undefined && { 'x-dashboard-uid': dashboard }),
  }
  const response = await fetch(path, { ...options, headers })
  if (!response.ok) throw await readError(response)
  return response.json()
}

/** What an answer that is no good says. */
export async function readError(response: Response): Promise<ApiError> {
  const text = await response.text()
  try {
    const body: unknown = JSON.parse(text)
    if (typeof body === 'object' && body !== null && 'message' in body) {
      return new ApiError(response.status, String(body.message), 'help' in body ? String(body.help) : '')
    }
  } catch {
    // Not JSON: Graphite's own errors are plain text.
  }
  return new ApiError(response.status, text.slice(0, 300) || `HTTP ${response.status}`)
}
