import { encodeAnswerProtobuf } from '../../formats/index.ts'
import { describePartialSuccess } from '../otlp-partial-success.ts'
import type { ApiServices } from '../services.ts'
import type { GrpcMethod } from './grpc-method.ts'

/** Takes in metrics by OTLP, as `POST /v1/metrics` does. */
export function exportMetrics({ takeLines }: Pick<ApiServices, 'takeLines'>): GrpcMethod {
  return {
    path: '/opentelemetry.proto.collector.metrics.v1.MetricsService/Export',
    async handle({ message, coding, sender }) {
      const report = await takeLines({ format: 'otlp', unit: 'ns', body: message, coding, sender })
      return encodeAnswerProtobuf(describePartialSuccess(report))
    },
  }
}
