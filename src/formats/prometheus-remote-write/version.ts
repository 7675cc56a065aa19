/** The two of Prometheus' remote write. */
export const REMOTE_WRITE_VERSIONS = ['1.0', '2.0'] as const
export type RemoteWriteVersion = (typeof REMOTE_WRITE_VERSIONS)[number]

const PROTO = /;\s*proto\s*=\s*"?([A-Za-z0-9_.]+)"?/

/** Which one a Content-Type names; without a word on it, it is the first. undefined: none. */
export function versionOf(contentType: string | undefined): RemoteWriteVersion | undefined {
  const [mediaType = ''] = (contentType ?? '').split(';', 1)
  if (mediaType.trim().toLowerCase() !== 'application/x-protobuf') return undefined
  switch (PROTO.exec(contentType ?? '')?.[1]) {
    case undefined:
    case 'prometheus.WriteRequest':
      return '1.0'
    case 'io.prometheus.write.v2.Request':
      return '2.0'
    default:
      return undefined
  }
}

/** The headers of a request, besides its length. */
export const REMOTE_WRITE_HEADERS: Readonly<Record<RemoteWriteVersion, Readonly<Record<string, string>>>> = {
  '1.0': {
    'content-type': 'application/x-protobuf',
    'content-encoding': 'snappy',
    'x-prometheus-remote-write-version': '0.1.0',
  },
  '2.0': {
    'content-type': 'application/x-protobuf;proto=io.prometheus.write.v2.Request',
    'content-encoding': 'snappy',
    'x-prometheus-remote-write-version': '2.0.0',
  },
}
