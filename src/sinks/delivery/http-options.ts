import * as z from 'zod'
import { choice, duration, integer, optionalText, secret } from '../../lib/option.ts'

export const COMPRESSIONS = ['none', 'gzip', 'deflate', 'zstd'] as const
export type Compression = (typeof COMPRESSIONS)[number]

const URL_WANTED = 'an address that begins with http:// or https://'

/** Options of every sink that sends by HTTP. Spread into each sink's own; `url` is declared there, for its default differs. */
export const httpOptions = () => ({
  headers: z
    .record(z.string().regex(/^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/), z.string().regex(/^[\t\x20-\x7e\x80-\xff]*$/))
    .prefault({})
    .meta({
      description: 'Headers that every request has besides those of the protocol.',
      secret: true,
    }),
  request_timeout: duration('How long a request may take, answer included.', '15s', {
    min: '1ms',
    max: '10m',
  }),
  concurrency: integer('How many requests of one batch are under way at once.', 4, { min: 1, max: 64 }),
})

/** A name and a password, for sinks whose servers take basic authentication. */
export const basicAuthOptions = () => ({
  username: optionalText('Name for basic authentication. Not given: none.'),
  password: secret('Password for basic authentication.'),
})

/** A token, for sinks whose servers take one. */
export const tokenOption = () => ({ token: secret('Token that requests are authorised with.') })

/** The header that lets requests in: none without a token, key or name. */
export function authorization(options: {
  readonly scheme?: string
  readonly token?: string | undefined
  readonly username?: string | undefined
  readonly password?: string | undefined
}): { readonly authorization?: string } {
  const { scheme = 'Bearer', token, username, password = '' } = options
  if (token !== undefined) return { authorization: `${scheme} ${token}` }
  if (username === undefined) return {}
  return { authorization: `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}` }
}

/** How bodies are compressed. The default differs with what servers take. */
export function compressionOption(defaultCompression: Compression) {
  return choice('How the bodies of requests are compressed.', COMPRESSIONS, defaultCompression)
}

/** The address of a server: http or https. Credentials in it are sent as basic authentication. */
export function urlOption(description: string, defaultUrl?: string) {
  const url = httpUrl()
  return (defaultUrl === undefined ? url : url.prefault(defaultUrl)).meta({ description, noun: URL_WANTED })
}

export function optionalUrlOption(description: string) {
  return httpUrl().optional().meta({ description, noun: URL_WANTED })
}

function httpUrl() {
  return z.string().max(4096).refine(isHttpUrl, { error: URL_WANTED })
}

function isHttpUrl(text: string): boolean {
  return URL.canParse(text) && /^https?:$/.test(new URL(text).protocol)
}

/** What the options of every HTTP sink come to. */
export interface HttpOptions {
  readonly compression: Compression
  readonly request_timeout: number
  readonly concurrency: number
}
