import { type KymoError, reasonOf } from '../../telemetry/errors.ts'
import { toKymoError } from '../error-answer.ts'

export interface GrpcStatus {
  readonly code: number
  readonly message: string
}

/**
 * What a status of HTTP is called here. Exporters of OpenTelemetry try again after DEADLINE_EXCEEDED and UNAVAILABLE, and drop what they
 * sent after the others.
 */
const CODES: Readonly<Record<number, number>> = {
  400: 3, // INVALID_ARGUMENT
  404: 12, // UNIMPLEMENTED
  408: 4, // DEADLINE_EXCEEDED
  413: 8, // RESOURCE_EXHAUSTED
  415: 12,
  503: 14, // UNAVAILABLE
  507: 14,
}
const INTERNAL = 13

export function toGrpcStatus(error: unknown): GrpcStatus & { readonly isUnforeseen: boolean } {
  const known: KymoError = toKymoError(error)
  const code = CODES[known.httpStatus] ?? INTERNAL
  return { code, message: reasonOf(known), isUnforeseen: known.code === 'internal' }
}

/** Percent-encoded, as it goes into `grpc-message`: all but what can be shown in ASCII. */
export function encodeStatusMessage(text: string): string {
  return text.replace(/[^ -~]|%/gu, (character) => encodeURIComponent(character.toWellFormed()))
}
