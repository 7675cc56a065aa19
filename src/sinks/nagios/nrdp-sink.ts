import type { SeriesIdentity } from '../../model/series-identity.ts'
import { KymoError } from '../../telemetry/errors.ts'
import type { HttpAnswer } from '../delivery/http-client.ts'
import { createHttpSender, type RequestShape } from '../delivery/http-sender.ts'
import type { NrdpOptions } from '../nrdp.ts'
import type { Sink, SinkContext, SinkResult } from '../sink.ts'
import { Checks, type CheckResult } from './checks.ts'

const MOST_BODY_BYTES = 1_048_576

/** Sends results by NRDP: a form with a token and a list of results, of which the answer says whether all were taken. */
export function createNrdpSink(options: NrdpOptions, context: SinkContext): Sink {
  const { name } = options
  const checks = new Checks(options)
  const sender = createHttpSender(name, { ...options, compression: 'none' }, context)
  const url = new URL(options.url)
  const toBody = options.format === 'json' ? toJson : toXml
  const field = options.format === 'json' ? 'json' : 'XMLDATA'
  const shape: RequestShape<CheckResult> = {
    url,
    headers: { 'content-type': 'application/x-www-form-urlencoded', ...options.headers },
    mostItems: options.max_results,
    mostBytes: MOST_BODY_BYTES,
    // Much of it becomes three characters in a form.
    bytesOf: ({ host, service, output }) => 3 * (host.length + service.length + output.length + 200),
    pointsOf: () => 1,
    describe: (result) => result,
    encode: (results) =>
      new URLSearchParams({
        token: options.token ?? '',
        cmd: 'submitcheck',
        [field]: toBody(results),
      }).toString(),
    readAnswer: (answer) => readAnswer(answer, name, `${url.protocol}//${url.host}`),
  }

  function send(
    batch: { readonly series: readonly SeriesIdentity[]; readonly values: Float64Array },
    signal: AbortSignal,
  ): Promise<SinkResult> {
    return sender.send(batch, resultsOf(batch, checks), shape, signal)
  }

  return {
    name,
    takes: (identity) => checks.isChecked(identity),
    flush: send,
    points: send,
    close: async () => sender.close(),
  }
}

function* resultsOf(
  { series, values }: { readonly series: readonly SeriesIdentity[]; readonly values: Float64Array },
  checks: Checks,
): Generator<CheckResult> {
  for (const [index, identity] of series.entries()) {
    const result = checks.resultOf(identity, values[index] as number)
    if (result !== undefined) yield result
  }
}

function toJson(results: readonly CheckResult[]): string {
  const checkresults = results.map(({ host, service, state, output }) => ({
    checkresult: { type: 'service', checktype: '1' },
    hostname: host,
    servicename: service,
    state: String(state),
    output,
  }))
  return JSON.stringify({ checkresults })
}

function toXml(results: readonly CheckResult[]): string {
  const elements = results.map(
    ({ host, service, state, output }) =>
      `<checkresult type='service' checktype='1'><hostname>${escapeXml(host)}</hostname><servicename>${escapeXml(service)}</servicename><state>${state}</state><output>${escapeXml(output)}</output></checkresult>`,
  )
  return `<?xml version='1.0'?><checkresults>${elements.join('')}</checkresults>`
}

function escapeXml(text: string): string {
  // Text has no control characters by now; half of a surrogate pair and two code points are none of XML's either.
  return text
    .toWellFormed()
    .replace(/[\ufffe\uffff]/g, '_')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
}

/** A refusal comes with status 200: `{"result":{"status":-1,"message":"BAD TOKEN"}}`, or the same as XML. */
function readAnswer(answer: HttpAnswer, name: string, address: string): [] {
  const { text } = answer
  const status = /"status"\s*:\s*"?(-?\d+)|<status>\s*(-?\d+)/.exec(text)
  if (status === null || Number(status[1] ?? status[2]) === 0) return []
  const message = /"message"\s*:\s*"([^"]{0,200})|<message>([^<]{0,200})/.exec(text)
  const reason = message?.[1] ?? message?.[2] ?? 'it says no'
  throw new KymoError(/token/i.test(reason) ? 'sink-denied' : 'sink-busy', { name, address, reason })
}
