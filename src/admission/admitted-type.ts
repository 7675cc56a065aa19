import { METRIC_TYPES } from '../model/sample.ts'

/** What a rule can tell apart: the types of StatsD, and points of Graphite's plaintext, which have none. */
export const ADMITTED_TYPES = [...METRIC_TYPES, 'untyped'] as const
export type AdmittedType = (typeof ADMITTED_TYPES)[number]
