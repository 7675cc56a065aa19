import type { Bench } from '../bench.ts'
import { type Kymo, NO_STORE } from '../kymo-process.ts'
import { lineAt, type Payload, type PayloadOptions } from '../payload.ts'
import type { Row } from '../row.ts'
import { Skip } from '../skip.ts'
import { expectEqual, WrongAnswer } from '../wrong-answer.ts'

const MOST_ATTEMPTS = 5
const JSON_LINES = 'KYMO_SINKS=[{"type":"stdout","format":"json"}]'

const CASES: readonly (PayloadOptions & { readonly datagramsPerSecond: number })[] = [
  { kind: 'mixed', names: 10_000, linesPerDatagram: 1, datagramsPerSecond: 40_000 },
  { kind: 'mixed', names: 10_000, linesPerDatagram: 30, datagramsPerSecond: 4_000 },
  { kind: 'tagged', names: 10_000, linesPerDatagram: 30, datagramsPerSecond: 4_000 },
]

/** What one metric comes to: of a counter its count, of a timer how many values and their sum, of a gauge the last value. */
interface Answer {
  count: number
  sum: number
  last: number
}

/** Before anything is fast it is right: every metric of what the other rows send, over all flushes, to the last digit. */
export const answers: Row = {
  name: 'answers',
  about: 'the flushed sums, counts and last values of every metric that the other rows send',
  async run(bench) {
    let metrics = 0
    for (const { datagramsPerSecond, ...options } of CASES)
      metrics += await checkCase(bench, bench.payload(options), datagramsPerSecond)
    return { figures: { checkedMetrics: metrics }, criteria: [] }
  },
}

async function checkCase(bench: Bench, payload: Payload, datagramsPerSecond: number): Promise<number> {
  const wanted = new Map<string, Answer>()
  const found = new Map<string, Answer>()
  for (let attempt = 1; found.size === 0; attempt++) {
    if (attempt > MOST_ATTEMPTS) throw new Skip(`datagrams are lost at ${datagramsPerSecond} a second`)
    // What came twice cannot be told from what came once: a new Kymo for each attempt.
    const kymo = await bench.kymo({ args: [...NO_STORE, JSON_LINES] })
    const { droppedDatagrams } = await bench.sendOnce(kymo, payload, datagramsPerSecond / attempt)
    // It hands on what it has before it ends.
    await kymo[Symbol.asyncDispose]()
    if (droppedDatagrams === 0) collectFound(kymo, found)
  }
  collectWanted(payload, wanted)
  for (const [name, { count, sum, last }] of wanted) {
    const answer = found.get(name)
    if (answer === undefined) throw new WrongAnswer(`${name} was never flushed`)
    expectEqual(`${name}: count`, answer.count, count)
    expectEqual(`${name}: sum`, answer.sum, sum)
    expectEqual(`${name}: last value`, answer.last, last)
  }
  expectEqual('metrics flushed', found.size, wanted.size)
  return wanted.size
}

function collectWanted(payload: Payload, answersByName: Map<string, Answer>): void {
  for (let index = 0; index < payload.datagrams * payload.linesPerDatagram; index++) {
    const { name, type, value } = lineAt(payload, index)
    const answer = entryOf(answersByName, name)
    if (type === 'c') answer.count += value
    else if (type === 'g') answer.last = value
    else {
      answer.count++
      answer.sum += value
    }
  }
}

function collectFound(kymo: Kymo, answersByName: Map<string, Answer>): void {
  for (const text of kymo.stdout().split('\n')) {
    if (!text.startsWith('{')) continue
    const { metric, type, statistics } = JSON.parse(text) as {
      metric: string
      type: string
      statistics: Readonly<Record<string, number>>
    }
    // Kymo's own come along.
    if (metric.startsWith('statsd.')) continue
    const answer = entryOf(answersByName, metric)
    if (type === 'gauge') answer.last = statistics['value'] ?? NaN
    else answer.count += statistics['count'] ?? NaN
    if (type === 'timer') answer.sum += statistics['sum'] ?? 0
  }
}

function entryOf(answersByName: Map<string, Answer>, name: string): Answer {
  const entry = answersByName.get(name) ?? { count: 0, sum: 0, last: 0 }
  answersByName.set(name, entry)
  return entry
}
