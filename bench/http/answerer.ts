import { once } from 'node:events'
import { Agent, type IncomingMessage, request } from 'node:http'
import type { Bench } from '../ingest/bench.ts'
import { fill } from '../store/point-store.ts'
import type { PointSet } from '../store/point-set.ts'
import { sendText, writeGraphiteText } from '../store/graphite-text.ts'
import { KymoStore } from '../store/kymo-store.ts'
import { VictoriaMetrics } from '../store/victoria-metrics.ts'
import { startPrometheus } from './prometheus-server.ts'

/** A program that has the points, and is asked over HTTP. */
export interface Answerer extends AsyncDisposable {
  readonly name: 'kymo' | 'victoria-metrics' | 'prometheus'
  /** The body of the answer to a path. Throws for a status other than 200. */
  readonly ask: (path: string) => Promise<string>
}

const agent = new Agent({ keepAlive: true, maxSockets: 64 })

export async function openKymo(bench: Bench, set: PointSet): Promise<Answerer> {
  const store = await startFilledKymo(bench, set)
  return {
    name: 'kymo',
    ask: (path) => ask(store.kymo.url(path)),
    [Symbol.asyncDispose]: () => store[Symbol.asyncDispose](),
  }
}

/** A Kymo that was stopped and started since it took the points in: they are in blocks, as nearly all are at any time. */
export async function startFilledKymo(bench: Bench, set: PointSet): Promise<KymoStore> {
  const textPath = `${bench.place()}/points.txt`
  writeGraphiteText(textPath, set)
  let dataPath: string
  {
    await using store = await KymoStore.start(bench)
    dataPath = store.dataPath
    await fill(store, set, () => sendText(textPath, store.graphitePort))
  }
  return await KymoStore.start(bench, { dataPath })
}

/** Throws `Skip` where it is not installed. */
export async function openVictoria(bench: Bench, set: PointSet): Promise<Answerer> {
  const textPath = `${bench.place()}/points.txt`
  writeGraphiteText(textPath, set)
  const store = await VictoriaMetrics.start(bench.place())
  await sendText(textPath, store.graphitePort)
  while ((await store.takenPoints()) < set.pointCount) await new Promise((resolve) => setTimeout(resolve, 50))
  await ask(store.url('/internal/force_flush'))
  return {
    name: 'victoria-metrics',
    ask: (path) => ask(store.url(path)),
    [Symbol.asyncDispose]: () => store[Symbol.asyncDispose](),
  }
}

/** Throws `Skip` where it is not installed. */
export async function openPrometheus(bench: Bench, set: PointSet): Promise<Answerer> {
  const server = await startPrometheus(bench.place(), set)
  return {
    name: 'prometheus',
    ask: (path) => ask(server.url(path)),
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  }
}

async function ask(url: string): Promise<string> {
  const asked = request(url, { agent })
  asked.end()
  const [response] = (await once(asked, 'response')) as [IncomingMessage]
  const pieces: Buffer[] = []
  for await (const piece of response) pieces.push(piece as Buffer)
  const body = Buffer.concat(pieces).toString()
  if (response.statusCode !== 200)
    throw new Error(`${response.statusCode} from ${url}: ${body.slice(0, 500)}`)
  return body
}
