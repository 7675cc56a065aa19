import type { Readable } from 'node:stream'
import type * as z from 'zod'
import type { Clock } from '../lib/clock.ts'
import type { ErrorCode } from '../telemetry/errors.ts'
import type { LiveFeed } from './live-feed.ts'
import type { Parameters } from './parameters.ts'
import type { Scope } from './scopes.ts'
import type { ApiServices, QueryOrigin } from './services.ts'

/**
 * One route of the HTTP server, declared. What it needs to be served, its scope, its place in /api/openapi.json and its
 * page in docs/reference/api.md all come from here. A new route is a file in routes/, a test and a line in its index.
 */
export interface Route {
  /** What changes something is POST, never GET. HEAD comes with GET by itself. */
  readonly methods: readonly RouteMethod[]
  /** Without a slash at the end; one is accepted. `:id` stands for any text without a slash. */
  readonly url: string
  readonly scope: Scope
  /** One sentence. */
  readonly summary: string
  /** What else a caller should know. */
  readonly description?: string
  /**
   * The parameters it reads, each a list of text: from the query string, and with POST from the body as well. They are
   * checked against this and handed on as they came; others are let through.
   */
  readonly parameters?: z.ZodObject
  /**
   * Where what changes something may come as a form, as Graphite's clients send it, from a program. From a page it has to be
   * JSON in any case.
   */
  readonly takesForm?: boolean
  /** What the `:names` of the path stand for. */
  readonly pathParameters?: z.ZodObject
  /** Where a body is not parameters, but a JSON object of the route's own: checked against this, handed on as it came. */
  readonly body?: z.ZodObject
  /** Where a body is neither, but bytes of this media type, which no page can send unasked. */
  readonly bytes?: BytesDeclaration
  /** What it answers when all is well. */
  readonly answer: AnswerDeclaration
  /** What it may be answered with besides what any request may (`route-errors.ts`). */
  readonly errors?: readonly ErrorCode[]
  /** By status: what may come there in the place of an error's JSON. */
  readonly otherBodies?: Readonly<Record<number, z.ZodType>>
  handler(context: RouteContext): RouteHandler
}

export type RouteMethod = 'GET' | 'POST'

export interface BytesDeclaration {
  readonly contentType: string
  readonly limitBytes: number
  readonly description: string
  /** Programs may call it anything, as `curl --data-binary` does. A page may not send it unasked in any case. */
  readonly isAnyType?: boolean
  /** It may be compressed: `coding` says how. Left out: it has to come as it is. */
  readonly mayBeCoded?: boolean
}

export interface AnswerDeclaration {
  /** Left out: 200. */
  readonly status?: 200 | 204
  readonly contentTypes: readonly string[]
  /** What it is where it is JSON. */
  readonly schema?: z.ZodType
  readonly description: string
}

/** What handlers are made with. Routes hold no state. */
export interface RouteContext {
  readonly services: ApiServices
  readonly live: LiveFeed
  readonly clock: Clock
  /** The OpenAPI document of all routes. */
  readonly describeApi: () => object
}

export type RouteHandler = (request: RouteRequest) => RouteAnswer | Promise<RouteAnswer>

export interface RouteRequest {
  readonly method: RouteMethod | 'HEAD'
  readonly parameters: Parameters
  readonly pathParameters: Readonly<Record<string, string>>
  /** What was sent to a route that declares a `body` or `bytes`; undefined if nothing was. */
  readonly body: unknown
  /** What the client would rather have. */
  readonly accept: string | undefined
  /** As the client says. */
  readonly contentType: string | undefined
  /** How the body is compressed, as the client says, where the route lets it. */
  readonly coding: string | undefined
  /** What it is asked for, as Grafana says with `X-Dashboard-Id` and `X-Panel-Id`. */
  readonly origin: QueryOrigin | undefined
  /** Of the other end of the connection; undefined: there is none any more. */
  readonly remoteAddress: string | undefined
  /** Fires when the client goes away before it is answered. */
  readonly signal: AbortSignal
}

/** `cache-control: no-store` unless `headers` say otherwise. A stream is destroyed when its client goes away. */
export interface RouteAnswer {
  readonly status?: number
  readonly contentType: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body: Uint8Array | string | Readable
  /** What follows the body, which is bytes then. It is fetched as the client reads, and ended when that goes away. */
  readonly rest?: AsyncIterable<Uint8Array>
  /** Called when the body is out, and nobody looks at its memory any more. */
  readonly giveBack?: () => void
}

export function answerJson(value: unknown): RouteAnswer {
  return { contentType: 'application/json; charset=utf-8', body: JSON.stringify(value) }
}
