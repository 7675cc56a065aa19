import type { IncomingMessage, ServerResponse } from 'node:http'
import { ANSWER_HEADERS } from './answer-headers.ts'
import { answerError, toKymoError } from './error-answer.ts'
import type { HostRules } from './host-rules.ts'
import { requireOwnHost } from './own-host.ts'
import { noParameters } from './parameters.ts'
import type { RouteContext, RouteHandler } from './route.ts'
import { health } from './routes/health.ts'
import { ready } from './routes/ready.ts'

/**
 * Answers what orchestrators ask every few seconds, as the application would, without the application: a Kymo that nobody
 * looks at need not load one. Only the plainest requests; whatever has anything more to it is the application's.
 */
export interface Probes {
  /** false: it is none, and has not been answered. */
  answer(request: IncomingMessage, response: ServerResponse): boolean
}

export interface ProbesOptions {
  readonly context: RouteContext
  readonly hostRules: HostRules
}

const PROBED = [ready, health]
/** With any of these it is no longer plain. */
const MORE = ['content-length', 'transfer-encoding', 'content-encoding', 'expect', 'upgrade'] as const

export function createProbes({ context, hostRules }: ProbesOptions): Probes {
  const handlers = new Map(PROBED.map((route) => [route.url, route.handler(context)]))
  return {
    answer(request, response) {
      const { method, url = '', headers } = request
      const handle = handlers.get(url)
      if (handle === undefined || (method !== 'GET' && method !== 'HEAD')) return false
      if (MORE.some((name) => headers[name] !== undefined)) return false
      try {
        requireOwnHost(request, hostRules)
      } catch {
        return false
      }
      void answer(handle, method, response)
      return true
    },
  }
}

async function answer(handle: RouteHandler, method: 'GET' | 'HEAD', response: ServerResponse): Promise<void> {
  const { status, headers, body } = await answerOf(handle, method)
  response.writeHead(status, {
    ...ANSWER_HEADERS,
    'cache-control': 'no-store',
    ...headers,
    'content-length': Buffer.byteLength(body),
  })
  response.end(method === 'HEAD' ? undefined : body)
}

async function answerOf(
  handle: RouteHandler,
  method: 'GET' | 'HEAD',
): Promise<{ status: number; headers: Readonly<Record<string, string>>; body: string }> {
  try {
    const { signal } = new AbortController()
    const request = {
      method,
      parameters: noParameters(),
      pathParameters: {},
      body: undefined,
      accept: undefined,
      contentType: undefined,
      coding: undefined,
      origin: undefined,
      remoteAddress: undefined,
      signal,
    }
    const { contentType, body } = await handle(request)
    if (typeof body !== 'string') throw new Error('BUG: a probe is answered with text')
    return { status: 200, headers: { 'content-type': contentType }, body }
  } catch (error) {
    return answerError(toKymoError(error))
  }
}
