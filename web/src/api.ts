import type { StatusReport } from '../../src/api/services.ts'
import type { SeriesIdentity, Statistic } from '../../src/model/series-identity.ts'

/**
 * What the page asks of Kymo's HTTP API. Every call takes an AbortSignal: an answer nobody waits for any more is
 * not worth its bytes.
 */

export type { RejectionSample, StatusReport } from '../../src/api/services.ts'

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

  constructor(status: number, message: string) {
    super(message)
    this.name = 'ApiError'
    this.status = status
  }
}

export async function fetchStatus(signal: AbortSignal): Promise<StatusReport> {
  return (await fetchJson('/api/status', { signal })) as StatusReport
}

/** As many as Kymo lists at once. */
const METRIC_LIMIT = 1000

/** The newest first, up to a thousand. */
export async function fetchMetrics(signal: AbortSignal): Promise<readonly MetricEntry[]> {
  const answer = (await fetchJson(`/api/metrics?limit=${METRIC_LIMIT}`, { signal })) as {
    metrics: readonly MetricEntry[]
  }
  return answer.metrics
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

async function fetchJson(path: string, options: RequestInit): Promise<unknown> {
  const response = await fetch(path, { ...options, headers: { accept: 'application/json' } })
  if (!response.ok) throw new ApiError(response.status, await readProblem(response))
  return response.json()
}

async function readProblem(response: Response): Promise<string> {
  const text = await response.text()
  try {
    const body: unknown = JSON.parse(text)
    if (typeof body === 'object' && body !== null && 'message' in body) return String(body.message)
  } catch {
    // Not JSON: Graphite's own errors are plain text.
  }
  return text.slice(0, 300) || `HTTP ${response.status}`
}
