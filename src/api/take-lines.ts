import { KymoError } from '../telemetry/errors.ts'
import type { AnswerDeclaration, BytesDeclaration, RouteAnswer, RouteRequest } from './route.ts'
import type { ApiServices, IntakeReport, LinesToTake } from './services.ts'

/** What a body of lines may be. */
export const LINES_BODY: Pick<BytesDeclaration, 'limitBytes' | 'mayBeCoded' | 'isAnyType'> = {
  limitBytes: 8 * 1024 * 1024,
  mayBeCoded: true,
  isAnyType: true,
}

export const LINES_ANSWER: AnswerDeclaration = {
  status: 204,
  contentTypes: ['application/json'],
  description:
    'nothing, with status 204, once all lines have been taken in, as from a listener: they are stored in a moment. Where some are refused, the others are taken in all the same, and it ' +
    'is 400 `lines-refused`, which says which and why.',
}

export const LINES_ERRORS = ['lines-refused', 'not-ready'] as const

/** Takes in the body of a request. Throws the KymoErrors `lines-refused`, and `request-invalid` where it is none. */
export async function takeLines(
  services: ApiServices,
  { body, coding, remoteAddress }: RouteRequest,
  { format, unit = 'ns' }: Pick<LinesToTake, 'format'> & Partial<Pick<LinesToTake, 'unit'>>,
): Promise<RouteAnswer> {
  const bytes = body instanceof Uint8Array ? body : new Uint8Array()
  const report = await services.takeLines({
    format,
    unit,
    body: bytes,
    coding,
    sender: remoteAddress ?? 'http',
  })
  if (report.refused > 0) throw refusalOf(report)
  return { status: 204, contentType: 'application/json', body: '' }
}

/** `lines-refused`, with the first of those that were. */
export function refusalOf({ refused, problems }: IntakeReport): KymoError {
  const listed = problems.map(({ line, reason, text }) => `line ${line}: ${reason} in "${text}"`)
  const rest = refused > problems.length ? [`and ${refused - problems.length} more`] : []
  return new KymoError('lines-refused', { count: refused, problems: [...listed, ...rest].join('; ') })
}
