import type { IncomingMessage } from 'node:http'
import type { Readable } from 'node:stream'
import swagger from '@fastify/swagger'
import fastify, {
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
  type FastifySchemaCompiler,
} from 'fastify'
import {
  jsonSchemaTransform,
  validatorCompiler as compileZodValidator,
  type ZodTypeProvider,
} from 'fastify-type-provider-zod'
import * as z from 'zod'
import { KymoError } from '../telemetry/errors.ts'
import type { Log } from '../telemetry/log.ts'
import { BodyRoom } from './body-room.ts'
import { ANSWER_HEADERS } from './answer-headers.ts'
import { answerError, BODY_LIMIT_BYTES, toKymoError } from './error-answer.ts'
import type { HostRules } from './host-rules.ts'
import { requireOwnHost } from './own-host.ts'
import { mergeParameters, type Parameters, parseQueryString } from './parameters.ts'
import {
  readBody,
  readJsonBody,
  refuseBodyOfOtherType,
  refuseCodedBody,
  refuseSimpleBody,
} from './request-body.ts'
import { toReadable } from './answer-streams.ts'
import type { Route, RouteAnswer, RouteContext, RouteMethod } from './route.ts'
import { describeErrors, errorsByStatus } from './route-errors.ts'
import { isFromBrowser, requireOwnOrigin, requireScope, type Scope } from './scopes.ts'
import type { QueryOrigin } from './services.ts'
import type { StaticSite } from './static-site.ts'
import { answerUnknownPage, readsPages } from './unknown-page.ts'

/**
 * The HTTP application without a socket: every request passes the same gates, in this order, and every error leaves by
 * the same door.
 *
 *   headers of every answer -> target and Host -> scope -> Origin -> body -> route -> answer
 *                                     any throw -> the error's JSON
 */
export interface AppOptions {
  readonly routes: readonly Route[]
  readonly context: Omit<RouteContext, 'describeApi'>
  readonly site: StaticSite
  readonly hostRules: HostRules
  readonly version: string
  readonly log: Log
}

declare module 'fastify' {
  interface FastifyContextConfig {
    scope?: Scope
    /** The body is a JSON document, and not parameters. */
    takesDocument?: boolean
    /** The body may be a form, where it comes from a program. */
    takesForm?: boolean
    /** The body is bytes of this media type. */
    bytesType?: string
    /** Programs may call it any type. */
    isAnyType?: boolean
    /** The body may be compressed. */
    mayBeCoded?: boolean
    /** Without one it is that of all. */
    bodyLimitBytes?: number
  }
}

export async function buildApp(options: AppOptions): Promise<FastifyInstance> {
  const { routes, site, hostRules, log, version } = options
  const app = fastify({
    logger: false,
    bodyLimit: BODY_LIMIT_BYTES,
    trustProxy: false,
    // Connections are refused while closing; what is under way is answered as usual.
    return503OnClosing: false,
    routerOptions: { ignoreTrailingSlash: true, querystringParser: parseQueryString },
    frameworkErrors: (error, _request, reply) => {
      void sendError(reply, toKymoError(error))
    },
  }).withTypeProvider<ZodTypeProvider>()

  const bodies = limitBodies()
  const replies = new WeakMap<FastifyRequest, FastifyReply>()
  app.setValidatorCompiler(compileCheck)
  // Handlers give finished bytes; the declared answers are there for the document.
  app.setSerializerCompiler(() => (data) => JSON.stringify(data))
  app.removeAllContentTypeParsers()
  const room = new BodyRoom(MOST_BODY_BYTES)
  app.addContentTypeParser('*', async (request: FastifyRequest, payload: IncomingMessage) => {
    const reply = replies.get(request)
    const limit = limitOf(request)
    const announcedBytes = Number(request.headers['content-length'] ?? 0)
    if (announcedBytes > limit) {
      void reply?.header('connection', 'close')
      throw new KymoError('body-too-large', { limit })
    }
    const { body, release } = room.take(payload, limit, announcedBytes)
    reply?.raw.once('close', release)
    try {
      return readBodyOf(request, await body)
    } catch (error) {
      // What is left of it is not waited for.
      void reply?.header('connection', 'close')
      throw error
    }
  })

  app.addHook('onRequest', async (request, reply) => {
    reply.headers({ ...ANSWER_HEADERS })
    // A type that says nothing is none.
    if (request.headers['content-type']?.trim() === '') delete request.headers['content-type']
    requireOwnHost(request.raw, hostRules)
    const scope = scopeOf(request)
    requireScope(scope, request.socket.remoteAddress, request.headers)
    if (scope !== 'read') {
      requireOwnOrigin(request.headers)
      // A document is told by what it is, where no page could have made a browser send it.
      const type = bytesTypeOf(request)
      if (type !== undefined && !isAnyType(request)) refuseBodyOfOtherType(request.headers, type)
      else if (!takesAnyType(request) || isFromBrowser(request.headers)) refuseSimpleBody(request.headers)
    }
    // Script of another server may be run by any page, so wrapping data in a call would hand it to that page.
    if ((request.query as Parameters).jsonp !== undefined) requireOwnOrigin(request.headers)
    if (!mayBeCoded(request)) refuseCodedBody(request.headers)
    replies.set(request, reply)
  })

  // Not before a body is whole: whoever sends one byte by byte takes nobody's place.
  app.addHook('preHandler', async (request, reply) => {
    if (bytesTypeOf(request) !== undefined) bodies.begin(reply)
  })

  app.setErrorHandler((error, request, reply) => {
    const known = toKymoError(error, limitOf(request))
    // Nobody hears the answer to a request that was abandoned, and its error is the abort itself.
    if (known.code === 'internal' && !reply.raw.destroyed) {
      log.error({ err: error, method: request.method, path: pathOf(request) }, 'a request failed')
    }
    return sendError(reply, known)
  })

  app.setNotFoundHandler((request, reply) => {
    const path = pathOf(request)
    const isRead = request.method === 'GET' || request.method === 'HEAD'
    const file = site.answer(path, request.headers)
    if (isRead && file !== undefined) return sendAnswer(reply, file)
    const details = { method: request.method, path: path.slice(0, 200) }
    const routePath = path.length > 1 && path.endsWith('/') ? path.slice(0, -1) : path
    const allowed = allowHeader(routes, routePath) ?? (file === undefined ? undefined : 'GET, HEAD')
    if (allowed !== undefined) throw new KymoError('method-not-allowed', { ...details, allowed })
    if (isRead && readsPages(request.headers.accept)) return sendAnswer(reply, answerUnknownPage(path))
    throw new KymoError('route-unknown', details)
  })

  await app.register(swagger, {
    openapi: { openapi: '3.1.0', info: { title: 'Kymo', description: 'The HTTP API of Kymo.', version } },
    transform: jsonSchemaTransform,
  })
  const context: RouteContext = { ...options.context, describeApi: () => app.swagger() }
  for (const route of routes) for (const method of route.methods) addRoute(app, route, method, context)
  await app.ready()
  return app
}

function addRoute(app: FastifyInstance, route: Route, method: RouteMethod, context: RouteContext): void {
  const handle = route.handler(context)
  app.route({
    method,
    url: route.url,
    ...(route.bytes === undefined ? {} : { bodyLimit: route.bytes.limitBytes }),
    config: {
      scope: route.scope,
      takesDocument: route.body !== undefined,
      takesForm: route.takesForm === true,
      ...(route.bytes === undefined
        ? {}
        : {
            bytesType: route.bytes.contentType,
            bodyLimitBytes: route.bytes.limitBytes,
            isAnyType: route.bytes.isAnyType === true,
            mayBeCoded: route.bytes.mayBeCoded === true,
          }),
    },
    schema: {
      operationId: operationId(method, route.url),
      summary: route.summary,
      description: [route.description, `Scope: ${route.scope}.`].filter(Boolean).join('\n\n'),
      ...(route.parameters === undefined ? {} : { querystring: route.parameters }),
      ...(route.pathParameters === undefined ? {} : { params: route.pathParameters }),
      ...(method === 'GET' ? {} : bodySchema(route)),
      response: responsesOf(route, method),
    },
    async handler(request, reply) {
      const isDocument = route.body !== undefined || route.bytes !== undefined
      const form = isDocument ? undefined : (request.body as Parameters | null | undefined)
      const query = request.query as Parameters
      let signal: AbortSignal | undefined
      const answer = await handle({
        method: request.method as RouteMethod | 'HEAD',
        // Queries take the last value of what can have only one, so those of the body count, as with Graphite.
        parameters: form === undefined || form === null ? query : mergeParameters(query, form),
        pathParameters: request.params as Record<string, string>,
        body: isDocument ? request.body : undefined,
        accept: request.headers.accept,
        contentType: request.headers['content-type'],
        coding: request.headers['content-encoding'],
        origin: originOf(request),
        remoteAddress: request.socket.remoteAddress,
        // Most do not ask for it.
        get signal() {
          return (signal ??= signalOf(reply))
        },
      })
      return sendAnswer(reply, answer)
    },
  })
}

function bodySchema({ body, bytes, parameters }: Route): { body?: z.ZodType; consumes?: string[] } {
  if (bytes !== undefined) return { body: z.any().describe(bytes.description), consumes: [bytes.contentType] }
  if (body !== undefined) return { body, consumes: ['application/json'] }
  if (parameters === undefined) return {}
  return { body: parameters, consumes: ['application/x-www-form-urlencoded', 'application/json'] }
}

/** For the document alone: answers go out as they were made. */
function responsesOf(route: Route, method: RouteMethod): Record<string, object> {
  const { status = 200, contentTypes, description, schema = z.any() } = route.answer
  const content = contentTypes.map((type) => [
    type,
    { schema: type === 'application/json' ? schema : z.any() },
  ])
  const errors = [...errorsByStatus(route, method)].map(([code, codes]) => [
    code,
    {
      description: describeErrors(codes),
      content: { 'application/json': { schema: errorBodyOf(route, code) } },
    },
  ])
  return Object.fromEntries([
    [
      status,
      status === 204 ? z.null().describe(description) : { description, content: Object.fromEntries(content) },
    ],
    ...errors,
  ])
}

function errorBodyOf({ otherBodies = {} }: Route, status: number): z.ZodType {
  const other = otherBodies[status]
  return other === undefined ? ERROR_BODY : z.union([ERROR_BODY, other])
}

const ERROR_BODY = z.object({
  code: z.string().describe('Never changes its meaning; docs/reference/errors.md lists them all.'),
  message: z.string(),
  error: z.string().describe('The same as `message`.'),
  help: z.string(),
})

function sendAnswer(reply: FastifyReply, answer: RouteAnswer): FastifyReply {
  const { status = 200, contentType, headers, body, rest, giveBack } = answer
  reply.code(status).header('cache-control', 'no-store').header('content-type', contentType)
  if (headers !== undefined) reply.headers({ ...headers })
  // Not where the connection was closed before: the system may still be reading it.
  if (giveBack !== undefined) reply.raw.once('finish', giveBack)
  return reply.send(rest === undefined ? body : joinBody(body, rest))
}

function joinBody(body: RouteAnswer['body'], rest: AsyncIterable<Uint8Array>): Readable {
  const stream = toReadable(rest)
  stream.unshift(body)
  return stream
}

function sendError(reply: FastifyReply, error: KymoError): FastifyReply {
  const { status, headers, body } = answerError(error)
  return reply
    .code(status)
    .headers({ ...headers })
    .send(body)
}

/** Fires when the connection closes before the answer is out. */
function signalOf(reply: FastifyReply): AbortSignal {
  const controller = new AbortController()
  reply.raw.once('close', () => {
    if (!reply.raw.writableFinished) controller.abort()
  })
  return controller.signal
}

function scopeOf(request: FastifyRequest): Scope {
  // What is no route is a file of the web app or an error: both are for everybody.
  if (request.is404) return 'read'
  const { scope } = request.routeOptions.config
  if (scope === undefined) throw new Error(`BUG: ${request.routeOptions.url} declares no scope`)
  return scope
}

/** Large bodies that are worked on or wait for it at once: beyond this, whoever sends one is sent away. */
const MOST_BODIES = 32
/** All bodies that are held, also such as are still being sent. */
const MOST_BODY_BYTES = 256 * 1024 * 1024

function limitBodies(): { begin(reply: FastifyReply): void } {
  let count = 0
  return {
    begin(reply) {
      if (count >= MOST_BODIES)
        throw new KymoError('server-busy', { reason: `${count} bodies are being taken in` })
      count += 1
      reply.raw.once('close', () => {
        count -= 1
      })
    },
  }
}

/** Numbers and short words only: whatever else it says is nothing that could be looked for. */
function originOf({ headers }: FastifyRequest): QueryOrigin | undefined {
  const read = (name: string): string | undefined => {
    const value = headers[name]
    return typeof value === 'string' && /^[A-Za-z0-9_-]{1,64}$/.test(value) ? value : undefined
  }
  const dashboard = read('x-dashboard-uid') ?? read('x-dashboard-id')
  return dashboard === undefined ? undefined : { dashboard, panel: read('x-panel-id') ?? null }
}

function pathOf(request: FastifyRequest): string {
  return (request.raw.url ?? '').replace(/[?#].*$/s, '')
}

/** `getMetricsFind` */
function operationId(method: RouteMethod, url: string): string {
  const words = [method.toLowerCase(), ...url.split(/\W+/).filter((word) => word !== '')]
  return words.map((word, i) => (i === 0 ? word : word.charAt(0).toUpperCase() + word.slice(1))).join('')
}

/** The methods of all routes that a path belongs to; undefined: it belongs to none. */
function allowHeader(routes: readonly Route[], path: string): string | undefined {
  const fitting = routes.filter(({ url }) => isPathOf(url, path))
  const named = fitting.filter(({ url }) => !url.includes(':'))
  const methods = (named.length > 0 ? named : fitting).flatMap((route) => route.methods)
  if (methods.length === 0) return undefined
  const order = ['GET', 'HEAD', 'POST'].filter((method) =>
    methods.includes((method === 'HEAD' ? 'GET' : method) as RouteMethod),
  )
  return order.join(', ')
}

function isPathOf(url: string, path: string): boolean {
  const wanted = url.split('/')
  const given = path.split('/')
  return (
    wanted.length === given.length &&
    wanted.every((part, i) => (part.startsWith(':') ? given[i] !== '' : part === given[i]))
  )
}

function readBodyOf(request: FastifyRequest, body: Buffer): unknown {
  const contentType = request.headers['content-type']
  if (bytesTypeOf(request) !== undefined) return body
  return takesDocument(request) ? readJsonBody(contentType, body) : readBody(contentType, body)
}

function bytesTypeOf(request: FastifyRequest): string | undefined {
  return request.is404 ? undefined : request.routeOptions.config.bytesType
}

function isAnyType(request: FastifyRequest): boolean {
  return !request.is404 && request.routeOptions.config.isAnyType === true
}

function mayBeCoded(request: FastifyRequest): boolean {
  return !request.is404 && request.routeOptions.config.mayBeCoded === true
}

function limitOf(request: FastifyRequest): number {
  return (request.is404 ? undefined : request.routeOptions.config.bodyLimitBytes) ?? BODY_LIMIT_BYTES
}

function takesDocument(request: FastifyRequest): boolean {
  return !request.is404 && request.routeOptions.config.takesDocument === true
}

function takesAnyType(request: FastifyRequest): boolean {
  return (
    isAnyType(request) ||
    takesDocument(request) ||
    (!request.is404 && request.routeOptions.config.takesForm === true)
  )
}

/** Checks by the zod schema and hands on what came, hostile names included: a schema describes, it does not rewrite. */
const compileCheck: FastifySchemaCompiler<z.ZodObject> = (route) => {
  const check = compileZodValidator(route)
  return (data: unknown) => {
    const result = data === undefined || data === null ? undefined : check(data)
    return isRefusal(result) ? result : { value: data }
  }
}

function isRefusal(result: unknown): result is { error: Error } {
  return typeof result === 'object' && result !== null && 'error' in result
}
