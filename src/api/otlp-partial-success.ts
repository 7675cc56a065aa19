import type { ExportAnswer } from '../formats/otlp/export-answer.ts'
import type { IntakeReport } from './services.ts'

/** How many data points were refused, with the first of them and why. */
export function describePartialSuccess({ refused, problems }: IntakeReport): ExportAnswer {
  const message = problems
    .map(({ line, reason, text }) => `data point ${line}: ${reason} in "${text}"`)
    .join('; ')
  return { rejected: refused, message }
}
