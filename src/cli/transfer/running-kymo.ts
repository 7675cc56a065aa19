import type { Agent, IncomingMessage } from 'node:http'
import { decodeColumns } from '../../formats/point-columns/decode-columns.ts'
import { encodeColumns } from '../../formats/point-columns/encode-columns.ts'
import {
  MOST_POINT_BYTES,
  type PointColumns,
  POINT_COLUMNS_TYPE,
} from '../../formats/point-columns/point-columns.ts'
import { type Clock, sleep } from '../../lib/clock.ts'
import { nodeHttp } from '../../lib/node-http.ts'
import type { Rollup } from '../../model/series-identity.ts'
import type { BackupReport } from '../../store/backup-report.ts'
import { ERROR_CATALOG, type ErrorCode, KymoError, reasonOf } from '../../telemetry/errors.ts'
import type { KymoPeer } from './kymo-peer.ts'

/** A Kymo that has answered before may be restarting; so long it is waited for. */
const LONGEST_ABSENCE_MS = 60_000
/** One that never has is not there. */
const LONGEST_SILENCE_MS = 3_000
/** One that has too much to do packs what it was sent before. */
const LONGEST_BUSY_MS = 600_000
const FIRST_PAUSE_MS = 200
const LONGEST_PAUSE_MS = 3_000

/** The Kymo that answers at a URL such as `http://127.0.0.1:8080`. */
export function openRunningKymo(url: string, clock: Clock): KymoPeer {
  const agent = new nodeHttp.Agent({ keepAlive: true })
  let hasAnswered = false
  const ask = async (path: string, type: string, body: Uint8Array): Promise<Answer> => {
    const absenceMs = hasAnswered ? LONGEST_ABSENCE_MS : LONGEST_SILENCE_MS
    const answer = await persist(() => post(new URL(path, url), { agent, type, body }), {
      url,
      clock,
      absenceMs,
    })
    hasAnswered = true
    return answer
  }

  /** Memory of requests that were answered. */
  const idle: ArrayBuffer[] = []
  const takeRoom = (bytes: number): ArrayBuffer => {
    const room = idle.pop()
    return room !== undefined && room.byteLength >= bytes
      ? room
      : new ArrayBuffer(Math.max(bytes, MOST_POINT_BYTES))
  }

  return {
    name: url,
    async send(columns) {
      const encoded = encodeColumns(columns, takeRoom)
      const { body } = await ask('/api/import/points', POINT_COLUMNS_TYPE, encoded)
      idle.push(encoded.buffer)
      const { stored, outside, over_limit: overLimit } = parse<ImportAnswer>(body)
      return { stored, outside, overLimit }
    },
    async settle() {
      await ask('/api/import/points?durable=1', POINT_COLUMNS_TYPE, new Uint8Array())
    },
    async list(pattern) {
      const body = Buffer.from(JSON.stringify(pattern === undefined ? {} : { pattern }))
      const { series } = parse<SeriesAnswer>((await ask('/api/export/series', JSON_TYPE, body)).body)
      return series.map(({ key, rollup, first_ms: firstMs, last_ms: lastMs }) => ({
        key,
        rollup,
        firstMs,
        lastMs,
      }))
    },
    async points(series, { startMs, endMs }) {
      const key = series.map((one) => one.key)
      const rollup = series.map((one) => one.rollup)
      const question = { key, rollup, from_ms: String(startMs), until_ms: String(endMs) }
      const { body } = await ask('/api/export/points', JSON_TYPE, Buffer.from(JSON.stringify(question)))
      const columns: PointColumns | { problem: string } = decodeColumns(body)
      if ('problem' in columns) throw new KymoError('kymo-refused', { url, reason: columns.problem })
      return columns
    },
    async deleteSeries({ patterns, expressions, range: { startMs, endMs }, isDryRun }) {
      const wanted = {
        patterns,
        expressions,
        ...(Number.isFinite(startMs) ? { from: startMs / 1_000 } : {}),
        ...(Number.isFinite(endMs) ? { until: endMs / 1_000 } : {}),
        dry_run: isDryRun,
      }
      return parse((await ask('/api/delete', JSON_TYPE, Buffer.from(JSON.stringify(wanted)))).body)
    },
    async rules({ after: { schemas = null, aggregations = null, defaultRetentions } }) {
      const wanted = { schemas, aggregations, retentions: defaultRetentions }
      return parse((await ask('/api/rules', JSON_TYPE, Buffer.from(JSON.stringify(wanted)))).body)
    },
    async backUp(path) {
      const { body } = await ask('/api/backup', JSON_TYPE, Buffer.from(JSON.stringify({ path })))
      const { linked: isLinked, ...report } = parse<BackupAnswer>(body)
      return { ...report, isLinked }
    },
    async ask({ kind, parameters }) {
      const form = new URLSearchParams(
        Object.entries(parameters).flatMap(([name, values]) =>
          values.map((value): [string, string] => [name, value]),
        ),
      )
      const path = kind === 'render' ? '/render' : '/api/explain'
      return (await ask(path, FORM_TYPE, Buffer.from(form.toString()))).body
    },
    async close() {
      agent.destroy()
    },
  }
}

const JSON_TYPE = 'application/json'
const FORM_TYPE = 'application/x-www-form-urlencoded'

interface ImportAnswer {
  readonly stored: number
  readonly outside: number
  readonly over_limit: number
}

interface BackupAnswer extends Omit<BackupReport, 'isLinked'> {
  readonly linked: boolean
}

interface SeriesAnswer {
  readonly series: readonly { key: string; rollup: Rollup; first_ms: number; last_ms: number }[]
}

interface Answer {
  readonly status: number
  readonly body: Buffer
}

/** Asks again while nobody is there or it has too much to do. What was sent twice replaces itself. */
async function persist(
  action: () => Promise<Answer>,
  { url, clock, absenceMs }: { readonly url: string; readonly clock: Clock; readonly absenceMs: number },
): Promise<Answer> {
  const beganMs = clock.monotonicMs()
  for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(LONGEST_PAUSE_MS, pauseMs * 2)) {
    let problem: KymoError
    let longestMs = absenceMs
    try {
      const answer = await action()
      if (answer.status === 200) return answer
      problem = refusal(url, answer)
      if (answer.status !== 503) throw problem
      longestMs = LONGEST_BUSY_MS
    } catch (error) {
      if (error instanceof KymoError) throw error
      problem = new KymoError('kymo-unreachable', { url, reason: reasonOf(error) }, { cause: error })
    }
    if (clock.monotonicMs() - beganMs + pauseMs > longestMs) throw problem
    await sleep(clock, pauseMs)
  }
}

function post(
  url: URL,
  { agent, type, body }: { readonly agent: Agent; readonly type: string; readonly body: Uint8Array },
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const headers = { 'content-type': type, 'content-length': body.length }
    const request = nodeHttp.request(url, { method: 'POST', agent, headers }, (response: IncomingMessage) => {
      const pieces: Buffer[] = []
      response.on('data', (piece: Buffer) => pieces.push(piece))
      response.on('error', reject)
      response.on('end', () => resolve({ status: response.statusCode ?? 0, body: Buffer.concat(pieces) }))
    })
    request.on('error', reject)
    request.end(body)
  })
}

/** What Kymo says, in its own words. That there is too much at once is told apart, for then less is asked for. */
function refusal(url: string, { status, body }: Answer): KymoError {
  const { code, message } = parse<{ code?: string; message?: string }>(body)
  if (code === 'too-many-points') return new KymoError(code, { points: 'too many', limit: 'less' })
  const isKnown = code !== undefined && Object.hasOwn(ERROR_CATALOG, code)
  const reason = isKnown
    ? `${code satisfies string as ErrorCode}: ${(message ?? '').replace(/\.$/, '')}`
    : `it answers ${status}`
  return new KymoError('kymo-refused', { url, reason })
}

function parse<Value>(body: Buffer): Value {
  try {
    return JSON.parse(body.toString()) as Value
  } catch {
    return {} as Value
  }
}
