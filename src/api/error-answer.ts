import { excerpt } from '../lib/excerpt.ts'
import { nodeHttp } from '../lib/node-http.ts'
import { KymoError, reasonOf } from '../telemetry/errors.ts'

/**
 * How an error goes out: always this JSON, never HTML and never a stack. `message` is what Grafana shows; `error` says
 * the same for clients that look there.
 */
export interface ErrorBody {
  readonly code: string
  readonly message: string
  readonly error: string
  readonly help: string
}

export interface ErrorAnswer {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

export const BODY_LIMIT_BYTES = 1024 * 1024
export const HEADER_LIMIT_BYTES = 16 * 1024

export function answerError(error: KymoError): ErrorAnswer {
  const { code, message, help } = error
  const body: ErrorBody = { code, message, error: message, help }
  const headers: Record<string, string> = {
    'content-type': 'application/json; charset=utf-8',
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
  }
  if (error.httpStatus === 503) headers['retry-after'] = '1'
  if (error.code === 'method-not-allowed') headers.allow = String(error.details.allowed)
  return { status: error.httpStatus, headers, body: JSON.stringify(body) }
}

/** The catalog's error for anything thrown while a request was served; `internal` for what nobody foresaw. */
export function toKymoError(error: unknown, bodyLimitBytes = BODY_LIMIT_BYTES): KymoError {
  if (error instanceof KymoError) return error
  const { code, statusCode } = error as { code?: unknown; statusCode?: unknown }
  if (code === 'FST_ERR_CTP_BODY_TOO_LARGE') {
    return new KymoError('body-too-large', { limit: bodyLimitBytes }, { cause: error })
  }
  if (code === 'FST_ERR_CTP_INVALID_MEDIA_TYPE') {
    return new KymoError('body-unsupported', { reason: 'its type is not valid' }, { cause: error })
  }
  if (code === 'FST_ERR_BAD_URL') {
    return new KymoError('request-invalid', { problem: 'The path is not valid.' }, { cause: error })
  }
  const problem = problemOfCheck(error)
  if (problem !== undefined) return new KymoError('request-invalid', { problem }, { cause: error })
  const isClientsFault = typeof statusCode === 'number' && statusCode >= 400 && statusCode < 500
  return isClientsFault
    ? new KymoError('request-invalid', { problem: reasonOf(error) }, { cause: error })
    : new KymoError('internal', { reason: reasonOf(error) }, { cause: error })
}

/** What a check by a route's schema found first, in words; undefined: the error is none of that. */
function problemOfCheck(error: unknown): string | undefined {
  const { validation, validationContext } = error as {
    validation?: readonly { readonly instancePath?: string; readonly message?: string }[]
    validationContext?: string
  }
  const [first] = validation ?? []
  if (first === undefined) return undefined
  const name = (first.instancePath ?? '').replace(/^\//, '').replaceAll('/', '.')
  const message = (first.message ?? 'it is not valid')
    .replace(/^Invalid input: /, '')
    .replace(/, received undefined$/, ', and there is none')
  const place = validationContext === 'body' ? 'The body' : 'The parameters'
  return `${place}${name === '' ? '' : `, \`${excerpt(name, 100)}\``}: ${message}.`
}

/** The catalog's error for bytes that node could not read as a request. */
export function unreadableRequest(error: unknown): KymoError {
  const { code } = error as NodeJS.ErrnoException
  if (code === 'HPE_HEADER_OVERFLOW') return new KymoError('header-too-large', { limit: HEADER_LIMIT_BYTES })
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') return new KymoError('request-timeout')
  return new KymoError('request-invalid', { problem: 'This is not a valid HTTP request.' })
}

/** An error as the bytes of a whole HTTP/1.1 response, after which the connection ends. */
export function renderRawResponse(error: KymoError): string {
  const { status, headers, body } = answerError(error)
  const lines = [
    `HTTP/1.1 ${status} ${nodeHttp.STATUS_CODES[status] ?? ''}`,
    ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`),
    `content-length: ${Buffer.byteLength(body)}`,
    'connection: close',
  ]
  return `${lines.join('\r\n')}\r\n\r\n${body}`
}
