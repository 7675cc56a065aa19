import { encodeAnswerJson, encodeAnswerProtobuf } from '../../formats/index.ts'
import { describePartialSuccess } from '../otlp-partial-success.ts'
import { mediaTypeOf } from '../request-body.ts'
import type { Route } from '../route.ts'
import { OTLP_ANSWER } from '../schemas/otlp-answer.ts'
import { LINES_BODY, LINES_ERRORS } from '../take-lines.ts'

export const writeOtlp: Route = {
  methods: ['POST'],
  url: '/v1/metrics',
  scope: 'write',
  summary: 'Takes in metrics by OTLP, as OpenTelemetry sends them.',
  description: 'Answers in the encoding of the request.',
  bytes: {
    ...LINES_BODY,
    contentType: 'application/x-protobuf',
    description:
      'an ExportMetricsServiceRequest, as [otlp.md](../formats/otlp.md) describes it: in Protocol Buffers, or as `application/json` in JSON.',
  },
  answer: {
    contentTypes: ['application/x-protobuf', 'application/json'],
    schema: OTLP_ANSWER,
    description:
      'an ExportMetricsServiceResponse. Data points that are refused are counted in `partialSuccess`, with the first of them and why; the others are on their way to the store.',
  },
  errors: LINES_ERRORS.filter((code) => code !== 'lines-refused'),
  handler:
    ({ services }) =>
    async ({ body, contentType, coding, remoteAddress }) => {
      const isJson = mediaTypeOf(contentType) === 'application/json'
      const report = await services.takeLines({
        format: isJson ? 'otlp-json' : 'otlp',
        unit: 'ns',
        body: body instanceof Uint8Array ? body : new Uint8Array(),
        coding,
        sender: remoteAddress ?? 'http',
      })
      const answer = describePartialSuccess(report)
      return isJson
        ? { contentType: 'application/json', body: encodeAnswerJson(answer) }
        : { contentType: 'application/x-protobuf', body: encodeAnswerProtobuf(answer) }
    },
}
