import { redactUrls } from '../lib/redact-url.ts'
import { KymoError } from '../telemetry/errors.ts'
import { escapeForTerminal } from '../telemetry/escape-for-terminal.ts'
import { formatSource, type Source } from './source.ts'

/** A step into the tree of values: a key of a section, or an index of a list. */
export type Path = readonly (string | number)[]

/** One thing wrong with the configuration: where, which value, and what about it. */
export interface Problem {
  readonly source: Source
  /** `http.port`, `sinks[0].type`; '' where no single value is to blame. */
  readonly key: string
  readonly text: string
}

const MOST_LISTED = 100
const MOST_QUOTED_CHARACTERS = 60

/** All problems as one error, in the order given. */
export function configInvalid(problems: readonly Problem[]): KymoError {
  const lines = problems.slice(0, MOST_LISTED).map((problem) => `  ${formatProblem(problem)}`)
  if (problems.length > MOST_LISTED) lines.push(`  ... and ${problems.length - MOST_LISTED} more`)
  return new KymoError('config-invalid', { count: problems.length, problems: lines.join('\n') })
}

/** `kymo.yaml:3:9  http.port: found "abc", wanted a whole number from 0 to 65535` */
export function formatProblem({ source, key, text }: Problem): string {
  return escapeForTerminal(`${formatSource(source)}  ${key === '' ? '' : `${key}: `}${text}`)
}

/** `sinks[0].type`. Keys from outside that are not plain words are quoted, cut and escaped. */
export function formatPath(path: Path): string {
  let text = ''
  for (const step of path) {
    if (typeof step === 'number') text += `[${step}]`
    else text += `${text === '' ? '' : '.'}${/^\$?\w{1,60}$/.test(step) ? step : quote(step)}`
  }
  return text
}

/** A value as a problem shows it: short, on one line, harmless to a terminal. */
export function quote(value: unknown): string {
  if (value === null) return 'nothing'
  if (Array.isArray(value)) return 'a list'
  if (typeof value === 'object') return 'a section'
  if (typeof value !== 'string') return String(value as number | boolean | bigint | undefined)
  const harmless = redactUrls(value)
  const isWhole = harmless.length <= MOST_QUOTED_CHARACTERS
  const shown = isWhole ? harmless : `${harmless.slice(0, MOST_QUOTED_CHARACTERS).toWellFormed()}...`
  return `"${escapeForTerminal(shown.replace(/["\\]/g, '\\$&'))}"`
}
