import { ERROR_CATALOG, type ErrorCode, type ErrorEntry } from './error-catalog.ts'

export { ERROR_CATALOG, type ErrorCode } from './error-catalog.ts'

export type ErrorDetails = Readonly<Record<string, string | number>>

/** An error from the catalog. The world failed or was asked for the impossible; our own bugs are plain Errors. */
export class KymoError extends Error {
  readonly code: ErrorCode
  readonly details: ErrorDetails
  /** Whoever is at the other end has said when to try again: in so many milliseconds. */
  readonly retryAfterMs: number | undefined

  constructor(
    code: ErrorCode,
    details: ErrorDetails = {},
    options: { cause?: unknown; retryAfterMs?: number | undefined } = {},
  ) {
    super(fill(ERROR_CATALOG[code].text, details), options)
    this.retryAfterMs = options.retryAfterMs
    this.name = 'KymoError'
    this.code = code
    this.details = details
  }

  get help(): string {
    return fill(ERROR_CATALOG[this.code].help, this.details)
  }

  get exitCode(): number {
    return (ERROR_CATALOG[this.code] as ErrorEntry).exitCode ?? 70
  }

  get httpStatus(): number {
    return httpStatusOf(this.code)
  }

  get isRetryable(): boolean {
    return (ERROR_CATALOG[this.code] as ErrorEntry).isRetryable ?? false
  }
}

/** 500: it is not the request's fault, or nothing that a request is answered with. */
export function httpStatusOf(code: ErrorCode): number {
  return (ERROR_CATALOG[code] as ErrorEntry).httpStatus ?? 500
}

/** Errors lose their class between threads; this is the form they travel in. */
export interface SerializedError {
  readonly code: ErrorCode
  readonly details: ErrorDetails
}

export function serializeError(error: unknown): SerializedError {
  if (error instanceof KymoError) return { code: error.code, details: error.details }
  return { code: 'internal', details: { reason: reasonOf(error) } }
}

export function deserializeError(error: SerializedError): KymoError {
  return new KymoError(error.code, error.details)
}

/** The short reason of any thrown thing, for the holes of the catalog. */
export function reasonOf(error: unknown): string {
  // A connection that failed on every address has no message of its own.
  if (error instanceof AggregateError && error.message === '') return error.errors.map(reasonOf).join('; ')
  return error instanceof Error ? error.message : String(error)
}

function fill(template: string, details: ErrorDetails): string {
  const text = template.replace(/\{(\w+)\}/g, (hole, key: string) => {
    const value = details[key]
    return value === undefined ? hole : String(value)
  })
  // A detail may end the sentence itself: `did you mean "scale"?`.
  return text.replace(/\?\.$/, '?')
}
