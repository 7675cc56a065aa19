import type { Dashboard } from './dashboard.ts'

export interface ImportedDashboard {
  readonly kind: 'grafana' | 'graphite' | 'kymo'
  readonly id: string
  readonly dashboard: Dashboard
  /** What could not be taken, in the order in which it came. Empty: all was. */
  readonly notTaken: readonly NotTaken[]
}

export interface NotTaken {
  /** `panel "Requests"`, `variable "host"`, `dashboard`. */
  readonly where: string
  /** What of it. */
  readonly what: string
  readonly why: string
}

export type JsonObject = Readonly<Record<string, unknown>>

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

export function objectOf(value: unknown): JsonObject {
  return isObject(value) ? value : {}
}

export function objectsOf(value: unknown): JsonObject[] {
  return Array.isArray(value) ? value.filter(isObject) : []
}

export function textOf(value: unknown, maxLength: number): string {
  return typeof value === 'string' ? value.slice(0, maxLength) : ''
}

/** A whole number within bounds, whatever came. */
export function wholeOf(value: unknown, low: number, high: number, otherwise: number): number {
  const number = typeof value === 'number' && Number.isFinite(value) ? Math.round(value) : otherwise
  return Math.min(high, Math.max(low, number))
}
