import type { Dashboard } from './board-api.ts'

/** A target with the values that are chosen in place of `$name` and `${name}`. */
export function fillVariables(target: string, values: ReadonlyMap<string, string>): string {
  return target.replace(/\$(?:\{(\w+)\}|(\w+))/g, (whole, braced?: string, plain?: string) => {
    return values.get(braced ?? plain ?? '') ?? whole
  })
}

export function valuesOf(dashboard: Dashboard): ReadonlyMap<string, string> {
  return new Map(dashboard.variables.map(({ name, value }) => [name, value]))
}
