import type { IncomingHttpHeaders } from 'node:http'
import { KymoError } from '../telemetry/errors.ts'
import { type Parameters, parseForm, parseJsonParameters, readJson } from './parameters.ts'

/**
 * A body is parameters. Forms are the custom of Graphite's clients, and many send them without saying so, or as
 * text/plain; JSON is accepted too.
 */
export function readBody(contentType: string | undefined, body: Buffer): Parameters {
  const mediaType = mediaTypeOf(contentType)
  switch (mediaType) {
    case '':
    case 'text/plain':
    case 'application/x-www-form-urlencoded':
      return parseForm(trimLineEnd(body))
    case 'application/json':
      return parseJsonParameters(body)
    default:
      throw unsupported(`its type is "${mediaType.slice(0, 100)}"`)
  }
}

/** A JSON document, whatever its declared type: `curl -d` calls everything a form. */
export function readJsonBody(contentType: string | undefined, body: Buffer): unknown {
  try {
    return readJson(body)
  } catch (error) {
    throw isJson(contentType) ? error : unsupported(JSON_ONLY)
  }
}

/** Nothing is decompressed, so nothing can swell. */
export function refuseCodedBody(headers: IncomingHttpHeaders): void {
  const coding = headers['content-encoding']
  if (coding !== undefined && coding.toLowerCase() !== 'identity') {
    throw unsupported(`its encoding is "${coding.slice(0, 100)}"`)
  }
}

/**
 * Browsers send forms and plain text to other servers unasked, but ask first before they send JSON. Where a body changes
 * something, it has to be JSON.
 */
export function refuseSimpleBody(headers: IncomingHttpHeaders): void {
  if (hasBody(headers) && !isJson(headers['content-type'])) {
    throw unsupported(JSON_ONLY)
  }
}

/** A body of a type of our own, which browsers ask about before they send it, too. */
export function refuseBodyOfOtherType(headers: IncomingHttpHeaders, type: string): void {
  if (hasBody(headers) && mediaTypeOf(headers['content-type']) !== type)
    throw unsupported(`this route takes ${type} only`)
}

function hasBody(headers: IncomingHttpHeaders): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0
}

function isJson(contentType: string | undefined): boolean {
  return mediaTypeOf(contentType) === 'application/json'
}

const JSON_ONLY = 'this route takes application/json only'

/** In lower case, without parameters; '': none. */
export function mediaTypeOf(contentType: string | undefined): string {
  return (contentType ?? '').replace(/;.*$/s, '').trim().toLowerCase()
}

/** `curl --data-binary @file` sends the line end of the file. */
function trimLineEnd(body: Buffer): Buffer {
  let end = body.length
  while (end > 0 && (body[end - 1] === 0x0a || body[end - 1] === 0x0d)) end--
  return body.subarray(0, end)
}

function unsupported(reason: string): KymoError {
  return new KymoError('body-unsupported', { reason })
}
