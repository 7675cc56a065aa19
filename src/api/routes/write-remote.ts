import { REMOTE_WRITE_VERSIONS, versionOf } from '../../formats/prometheus-remote-write/version.ts'
import { KymoError } from '../../telemetry/errors.ts'
import { answerError } from '../error-answer.ts'
import type { Route } from '../route.ts'
import { LINES_BODY, LINES_ERRORS, refusalOf } from '../take-lines.ts'

export const writeRemote: Route = {
  methods: ['POST'],
  url: '/api/v1/write',
  scope: 'write',
  summary: "Takes in samples by Prometheus' remote write, 1.0 and 2.0.",
  description:
    'The label `__name__` is the name of a series, the others are its tags. Of native histograms the count and the sum are taken in, as `name_count` and `name_sum`; metadata and ' +
    'exemplars are not kept. To 2.0 the answer says in its headers how many samples and histograms were written.',
  bytes: {
    ...LINES_BODY,
    isAnyType: false,
    contentType: 'application/x-protobuf',
    description: `a request of remote write, ${REMOTE_WRITE_VERSIONS.join(' or ')}, compressed by snappy.`,
  },
  answer: {
    status: 204,
    contentTypes: ['application/json'],
    description:
      'nothing, with status 204, once all samples have been taken in. Where some are refused, the others are taken in all the same, and it is 400 `lines-refused`: sending them again does not help.',
  },
  errors: LINES_ERRORS,
  handler:
    ({ services }) =>
    async ({ body, coding, contentType, remoteAddress }) => {
      const version = versionOf(contentType)
      if (version === undefined)
        throw new KymoError('body-unsupported', { reason: 'its message is none of remote write' })
      if (coding?.trim().toLowerCase() !== 'snappy')
        throw new KymoError('body-unsupported', { reason: 'remote write is compressed by snappy' })
      const report = await services.takeLines({
        format: 'remote-write',
        unit: 'ms',
        version,
        body: body instanceof Uint8Array ? body : new Uint8Array(),
        coding,
        sender: remoteAddress ?? 'http',
      })
      const { samples = 0, histograms = 0 } = report.written ?? {}
      const headers: Readonly<Record<string, string>> =
        version === '1.0'
          ? {}
          : {
              'x-prometheus-remote-write-samples-written': String(samples),
              'x-prometheus-remote-write-histograms-written': String(histograms),
              'x-prometheus-remote-write-exemplars-written': '0',
            }
      if (report.refused === 0) return { status: 204, contentType: 'application/json', headers, body: '' }
      // Of 2.0, the answer to what was taken in part says how much that was, too.
      const refusal = answerError(refusalOf(report))
      return { ...refusal, contentType: 'application/json; charset=utf-8', headers }
    },
}
