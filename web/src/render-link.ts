import type { Span } from './time/time-text.ts'

export interface RenderLink {
  readonly targets: readonly string[]
  readonly span: Span
  /** It ends now, and so does the link whenever it is opened. */
  readonly isLive: boolean
  readonly zone: string
  readonly format: 'png' | 'csv'
}

/** As long as servers and proxies take. A few dozen long names are longer. */
const LONGEST = 6_000

/** The address under which Kymo draws the same by itself, or writes it down; undefined: there is nothing to ask for, or too much for an address. */
export function renderLink({ targets, span, isLive, zone, format }: RenderLink): string | undefined {
  if (targets.length === 0) return undefined
  const parameters = new URLSearchParams()
  for (const target of targets) parameters.append('target', target)
  const from = Math.floor(span.fromSeconds)
  const until = Math.ceil(span.untilSeconds)
  parameters.set('from', isLive ? `-${until - from}s` : String(from))
  parameters.set('until', isLive ? 'now' : String(until))
  parameters.set('tz', zone)
  if (format === 'png') for (const [name, value] of SIZE) parameters.set(name, value)
  parameters.set('format', format)
  const address = `/render?${parameters.toString()}`
  return address.length > LONGEST ? undefined : address
}

const SIZE = [
  ['width', '800'],
  ['height', '400'],
] as const
