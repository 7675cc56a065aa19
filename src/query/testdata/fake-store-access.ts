import { excerpt } from '../../lib/excerpt.ts'
import { compilePathGlob } from '../../lib/glob.ts'
import { compileLinearRegex } from '../../lib/linear-regex.ts'
import { matchesPath } from '../../lib/path-states.ts'
import type { SeriesIdentity } from '../../model/series-identity.ts'
import { servicePrefixOf } from '../../model/service.ts'
import { parseSeriesKey } from '../../model/series-key.ts'
import type { StoreAccess } from '../../store/access.ts'
import type {
  CatalogEntry,
  CatalogMetric,
  CatalogNode,
  CatalogService,
  CatalogServices,
  MetricsQuestion,
  TagQuestion,
  TagValue,
} from '../../store/catalog.ts'
import type { ReadRequest, SeriesChunk } from '../../store/engine.ts'
import { KymoError } from '../../telemetry/errors.ts'

export interface FakeSeries {
  readonly key: string
  readonly points: readonly (readonly [timeMs: number, value: number])[]
}

/** A store of a few series, for tests of queries: it finds and reads by walking over everything it holds. */
export class FakeStoreAccess implements StoreAccess {
  /** What was asked of the reader, and which patterns of the catalog. */
  readonly reads: ReadRequest[] = []
  readonly patterns: string[] = []
  readonly #series: Map<string, FakeSeries>

  constructor(series: readonly FakeSeries[]) {
    this.#series = new Map(series.map((one) => [one.key, one]))
  }

  readonly reader = {
    read: (request: ReadRequest, signal?: AbortSignal): AsyncIterable<SeriesChunk> => {
      this.reads.push(request)
      return this.#read(request, signal)
    },
    close: async (): Promise<void> => {},
  }

  async findSeries(pattern: string, limit: number): Promise<CatalogEntry[]> {
    const matches = this.#matcher(pattern)
    const keys = [...this.#series.keys()].filter((key) =>
      key.includes(';') ? key === pattern : matches(key),
    )
    return limited(keys.sort(), pattern, limit).map((key) => this.#entry(key))
  }

  async findNodes(pattern: string, limit: number): Promise<CatalogNode[]> {
    const matches = this.#matcher(pattern)
    const depth = pattern.split('.').length
    const nodes = new Map<string, { isLeaf: boolean; isBranch: boolean }>()
    for (const key of this.#series.keys()) {
      if (key.includes(';')) continue
      const names = key.split('.')
      const path = names.slice(0, depth).join('.')
      if (names.length < depth || !matches(path)) continue
      const known = nodes.get(path)
      const isLeaf = names.length === depth
      nodes.set(path, {
        isLeaf: isLeaf || known?.isLeaf === true,
        isBranch: !isLeaf || known?.isBranch === true,
      })
    }
    const sorted = [...nodes].sort(([a], [b]) => (a < b ? -1 : 1))
    return limited(sorted, pattern, limit).map(([path, kind]) => {
      const node = { path, name: path.slice(path.lastIndexOf('.') + 1), ...kind }
      if (!kind.isLeaf) return node
      const { firstSeenMs, lastSeenMs } = this.#entry(path)
      return { ...node, seen: { firstSeenMs, lastSeenMs } }
    })
  }

  /** Of tags that are equal, or are not. */
  async findSeriesByTags(expressions: readonly string[], limit: number): Promise<CatalogEntry[]> {
    const terms = expressions.map((text) => /^(.+?)(!?)=(.*)$/.exec(text)?.slice(1) ?? [])
    const keys = [...this.#series.keys()].filter((key) => {
      const { name, tags } = parseSeriesKey(key)
      const values = new Map([...tags, ['name', name]])
      return terms.every(([tag = '', not, value]) => (values.get(tag) === value) !== (not === '!'))
    })
    return limited(keys.sort(), expressions.join(' '), limit).map((key) => this.#entry(key))
  }

  async tags(question: TagQuestion): Promise<string[]> {
    const used = question.expressions?.map((text) => /^[^!=]*/.exec(text)?.[0]) ?? []
    const tags = (await this.#tagsOf(question)).flatMap((one) => [...one.keys()])
    return [...new Set(tags)].filter((tag) => !used.includes(tag) && isAsked(tag, question)).sort().slice(0, question.limit)
  }

  async tagValues(tag: string, question: TagQuestion): Promise<TagValue[]> {
    const values = (await this.#tagsOf(question)).flatMap((one) => one.get(tag) ?? [])
    return [...Map.groupBy(values, (value) => value)]
      .map(([value, { length: count }]) => ({ value, count }))
      .filter(({ value }) => isAsked(value, question))
      .sort((a, b) => (a.value < b.value ? -1 : 1))
      .slice(0, question.limit)
  }

  async allSeries(): Promise<CatalogEntry[]> {
    return [...this.#series.keys()].map((key) => this.#entry(key))
  }

  /** Each of one metric, of those that share their first node the newest. */
  async services(limit: number): Promise<CatalogServices> {
    const found = new Map<string, CatalogService>()
    for (const pulse of await this.metrics({ limit: Number.POSITIVE_INFINITY })) {
      const prefix = servicePrefixOf(pulse.metricKey)
      if (prefix === undefined || found.has(prefix)) continue
      const { firstSeenMs, lastSeenMs, metricType: type } = pulse
      const types = [{ type, count: 1 }]
      found.set(prefix, { prefix, environments: [], metricCount: 1, types, firstSeenMs, lastSeenMs, pulse })
    }
    return { services: [...found.values()].slice(0, limit), count: found.size }
  }

  async metrics({ limit }: MetricsQuestion): Promise<CatalogMetric[]> {
    return [...this.#series.keys()]
      .map((key) => this.#entry(key))
      .map(({ identity, firstSeenMs, lastSeenMs }) => ({
        metricKey: identity.metricKey,
        metricType: identity.metricType,
        firstSeenMs,
        lastSeenMs,
        series: [identity],
      }))
      .sort((a, b) => b.firstSeenMs - a.firstSeenMs)
      .slice(0, limit)
  }

  async #tagsOf({ expressions = [] }: TagQuestion): Promise<ReadonlyMap<string, string>[]> {
    const found = await this.findSeriesByTags(expressions, this.#series.size)
    return found.map(({ identity }) => {
      const { name, tags } = parseSeriesKey(identity.key)
      return new Map([...tags, ['name', name]])
    })
  }

  #matcher(pattern: string): (path: string) => boolean {
    this.patterns.push(pattern)
    const glob = compilePathGlob(pattern)
    if (!glob.isCompiled) throw new KymoError('request-invalid', { problem: `The pattern ${glob.limit}.` })
    return (path) => matchesPath(glob.alternatives, path.split('.'))
  }

  #entry(key: string): CatalogEntry {
    const times = this.#series.get(key)?.points.map(([timeMs]) => timeMs) ?? []
    return { identity: identityOf(key), firstSeenMs: Math.min(...times), lastSeenMs: Math.max(...times) }
  }

  /** Two chunks a series, as an engine may. */
  async *#read(request: ReadRequest, signal?: AbortSignal): AsyncGenerator<SeriesChunk> {
    const { range, stepMs } = request
    for (const { key } of request.series) {
      signal?.throwIfAborted()
      const values = new Float64Array((range.endMs - range.startMs) / stepMs).fill(Number.NaN)
      for (const [timeMs, value] of this.#series.get(key)?.points ?? []) {
        const slot = Math.floor((timeMs - range.startMs) / stepMs)
        if (slot >= 0 && slot < values.length) values[slot] = value
      }
      const half = Math.floor(values.length / 2)
      yield { key, startMs: range.startMs, stepMs, values: values.subarray(0, half) }
      yield { key, startMs: range.startMs + half * stepMs, stepMs, values: values.subarray(half) }
    }
  }
}

function identityOf(key: string): SeriesIdentity {
  return { key, metricKey: key, metricType: 'untyped', statistic: 'value', rollup: 'mean' }
}

function isAsked(text: string, { prefix = '', filter = '' }: TagQuestion): boolean {
  const regex = compileLinearRegex(`^(?:${filter})`)
  if ('problem' in regex) throw new KymoError('regex-invalid', { pattern: 'a filter', problem: regex.problem })
  return text.startsWith(prefix) && regex.test(text)
}

function limited<T>(found: T[], pattern: string, limit: number): T[] {
  if (found.length > limit) throw new KymoError('too-many-results', { pattern: excerpt(pattern, 100), limit })
  return found
}
