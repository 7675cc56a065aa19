import { ERROR_CATALOG } from '../../src/telemetry/errors.ts'
import { page } from './markdown.ts'

export function renderErrorsPage(): string {
  return page(
    '# Errors',
    'Every error has a code that never changes its meaning. Words in braces are filled in.',
    ...Object.entries<Row>(ERROR_CATALOG).flatMap(([name, entry]) => [
      `## ${name}`,
      entry.text.replace(/^/gm, '> '),
      entry.help,
      describeEffect(entry),
    ]),
  )
}

interface Row {
  readonly text: string
  readonly help: string
  readonly exitCode?: number
  readonly httpStatus?: number
  readonly isRetryable?: true
}

function describeEffect({ exitCode, httpStatus, isRetryable }: Row): string {
  const parts = [
    exitCode === undefined ? [] : [`Exit code ${exitCode}.`],
    httpStatus === undefined ? [] : [`HTTP status ${httpStatus}.`],
    isRetryable ? ['Trying again can help.'] : [],
  ].flat()
  return parts.length === 0 ? 'Logged; Kymo goes on.' : parts.join(' ')
}
