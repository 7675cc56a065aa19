import type { OtlpOptions } from '../otlp.ts'

/** Where requests go, before the path of what is sent. */
export function otlpReceiver({ url, protocol }: Pick<OtlpOptions, 'url' | 'protocol'>): URL {
  return new URL(url ?? `http://localhost:${protocol === 'grpc' ? 4317 : 4318}`)
}
