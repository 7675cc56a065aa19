import { promisify } from 'node:util'
import { gunzip, zstdDecompress } from 'node:zlib'
import { KymoError } from '../telemetry/errors.ts'

/** How bodies may be compressed, where a route takes such. */
const DECODERS = { gzip: promisify(gunzip), zstd: promisify(zstdDecompress) } as const

/**
 * A body as it was before it was compressed. Nothing more than the limit is ever made of it. Throws the KymoErrors `body-too-large`,
 * `body-unsupported` where the coding is none of `gzip` and `zstd`, and `request-invalid`.
 */
export async function decodeBody(
  body: Uint8Array,
  coding: string | undefined,
  limitBytes: number,
): Promise<Uint8Array> {
  const name = coding?.trim().toLowerCase() ?? 'identity'
  if (name === 'identity' || name === '') return body
  const decode = name === 'gzip' || name === 'zstd' ? DECODERS[name] : undefined
  if (decode === undefined) {
    throw new KymoError('body-unsupported', { reason: `its encoding is "${name.slice(0, 100)}"` })
  }
  try {
    return await decode(body, { maxOutputLength: limitBytes })
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE') {
      throw new KymoError('body-too-large', { limit: limitBytes }, { cause })
    }
    throw new KymoError('request-invalid', { problem: `The body is no ${name}.` }, { cause })
  }
}
