import * as z from 'zod'
import { type ErrorCode, httpStatusOf } from '../telemetry/errors.ts'
import type { Route } from './route.ts'

/** docs/reference/api.md, from the routes' own declarations. */
export function renderApiReference(routes: readonly Route[]): string {
  return `${INTRODUCTION}\n${routes.map(renderRoute).join('\n')}`
}

const INTRODUCTION = `# HTTP API

Every route is also in the OpenAPI document at \`/api/openapi.json\`. A slash at the end of a path is accepted, and HEAD
wherever GET is. Parameters can be given in the query string; with POST also in a body, as
\`application/x-www-form-urlencoded\` or as a JSON object, where the route does not describe a body of its own.
Of a parameter that can have only one value the last counts, and those of the body come after those of the query string. A
body is at most 1 MiB, a header 16 KiB.

Every error is JSON, \`{"code", "message", "error", "help"}\`; the codes are in [errors.md](errors.md). With status 503 comes
\`Retry-After\`. Requests have to name this server in their Host header, and there are no CORS headers: pages of other
servers cannot read anything here. Eight renders and four other queries run at once, the next 256 wait up to 10 s for their
turn, and a query is ended after 60 s. A connection on which nothing moves for 90 s is closed. Who has which scope is in
[decision 0004](../decisions/0004-http-scopes.md).
`

function renderRoute(route: Route): string {
  const { methods, url, scope, summary, description, answer } = route
  const parts = [`## ${methods.join(', ')} ${url}`, summary]
  if (description !== undefined) parts.push(description)
  parts.push(`Scope: \`${scope}\`.`)
  if (route.pathParameters !== undefined) parts.push(renderTable('In the path', route.pathParameters))
  if (route.parameters !== undefined) parts.push(renderTable('Parameter', route.parameters))
  if (route.body !== undefined) parts.push(renderTable('In the body', route.body))
  if (route.bytes !== undefined)
    parts.push(
      `The body is \`${route.bytes.contentType}\`, at most ${route.bytes.limitBytes / 1024 / 1024} MiB${route.bytes.mayBeCoded === true ? ', and may be compressed (gzip, zstd)' : ''}: ${route.bytes.description}`,
    )
  parts.push(
    `Answers ${answer.contentTypes.map((type) => `\`${type}\``).join(' or ')}: ${answer.description}`,
  )
  if (route.errors !== undefined) parts.push(`Errors of its own: ${listErrors(route.errors)}.`)
  return `${parts.join('\n\n')}\n`
}

function listErrors(codes: readonly ErrorCode[]): string {
  return codes.map((code) => `\`${code}\` (${httpStatusOf(code)})`).join(', ')
}

function renderTable(title: string, parameters: z.ZodObject): string {
  const rows = Object.entries(parameters.shape).map(([name, schema]) => {
    const description = z.globalRegistry.get(schema)?.description ?? ''
    return `| \`${name}\` | ${description.replaceAll('|', '\\|')} |`
  })
  return [`| ${title} | |`, '|---|---|', ...rows].join('\n')
}
