import type { GraphiteFunction } from '../graphite-function.ts'
import * as aggregate from './aggregate.ts'
import * as scale from './scale.ts'

/** Every function: what each of these files exports. */
const MODULES: readonly Readonly<Record<string, GraphiteFunction>>[] = [aggregate, scale]

/** By each of their names. */
export const FUNCTIONS: ReadonlyMap<string, GraphiteFunction> = new Map(
  MODULES.flatMap((module) => Object.values(module)).flatMap((definition) =>
    [definition.name, ...(definition.aliases ?? [])].map((name) => [name, definition] as const),
  ),
)
