import { AGGREGATION_METHODS, type AggregationMethod } from '../../model/aggregation-method.ts'
import type { RuleFile } from './rule-book-source.ts'
import { readRules, type ReadRules, type SectionReader, show } from './rule-file.ts'

/** What a rule of a storage-aggregation.conf says; it need not say both. */
export interface AggregationRule {
  readonly method?: AggregationMethod
  /** Part of the finer slots that have to have values for the coarser one to get one, 0 to 1. */
  readonly xFilesFactor?: number
}

/** Reads a storage-aggregation.conf: how the values of a series become those of a coarser step. */
export function readAggregationRules(file: RuleFile): ReadRules<AggregationRule> {
  return readRules(file, {
    options: ['xfilesfactor', 'aggregationmethod'],
    // Of go-carbon.
    foreignOptions: ['xffmigration', 'aggregationmethodmigration'],
    requires: [],
    read: readAggregation,
  })
}

function readAggregation({ get, complain }: SectionReader): AggregationRule | undefined {
  const factorText = get('xfilesfactor')
  const methodText = get('aggregationmethod')
  const xFilesFactor = factorText === undefined ? undefined : parseFactor(factorText)
  const method = AGGREGATION_METHODS.find((known) => known === methodText)
  if (typeof xFilesFactor === 'string') return complain('xfilesfactor', xFilesFactor)
  if (methodText !== undefined && method === undefined)
    return complain('aggregationmethod', `${show(methodText)} is none of ${AGGREGATION_METHODS.join(', ')}`)
  return {
    ...(method === undefined ? {} : { method }),
    ...(xFilesFactor === undefined ? {} : { xFilesFactor }),
  }
}

/** Or what is wrong with it. */
function parseFactor(text: string): number | string {
  const isNumber = /^[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)(e[+-]?[0-9]+)?$/i.test(text)
  const factor = Number(text)
  return isNumber && factor >= 0 && factor <= 1 ? factor : `${show(text)} is no number from 0 to 1`
}
