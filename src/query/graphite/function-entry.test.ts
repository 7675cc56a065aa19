import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { functionEntry } from './function-entry.ts'
import { FUNCTIONS } from './functions/index.ts'
import { FUNCTION_GROUPS } from './graphite-function.ts'
import { parseTarget } from './parse-target.ts'

interface WantedEntry {
  readonly function: string
  readonly group: string
  readonly params: readonly Record<string, unknown>[]
}

const file = new URL('testdata/graphite_web_functions.json', import.meta.url)
const { functions } = JSON.parse(readFileSync(file, 'utf8')) as { functions: Record<string, WantedEntry> }
const known = Object.entries(functions).filter(([name]) => FUNCTIONS.has(name))

describe("an entry is graphite-web's, but for the description", () => {
  test.each(known)('%s', (name, wanted) => {
    const entry = functionEntry(name, definitionOf(name))
    expect(entry).toMatchObject({ name, function: wanted.function, group: wanted.group })
    expect(entry.params.map(withoutOptionsOfAggregations)).toEqual(
      wanted.params.map(withWrittenInfinity).map(withoutOptionsOfAggregations),
    )
  })
})

describe.each([...FUNCTIONS])('%s', (_name, definition) => {
  test('is described in sentences, with an example that can be read', () => {
    expect(definition.description).toMatch(/^[A-Z0-9].*\.$/s)
    expect(() => parseTarget(definition.example)).not.toThrow()
    expect(
      [definition.name, ...(definition.aliases ?? [])].some((name) => definition.example.includes(name)),
    ).toBe(true)
    expect(FUNCTION_GROUPS).toContain(definition.group)
  })

  test('has its required parameters first, and what takes the rest last', () => {
    const parameters = Object.values(definition.params)
    const firstOptional = parameters.findIndex(({ isRequired }) => !isRequired)
    const single = parameters.filter(({ isMultiple }) => !isMultiple)
    expect(parameters.findIndex(({ isMultiple }) => isMultiple)).toBe(
      parameters.length === single.length ? -1 : parameters.length - 1,
    )
    if (firstOptional >= 0) {
      expect(single.slice(firstOptional).some(({ isRequired }) => isRequired)).toBe(false)
    }
  })
})

function definitionOf(name: string) {
  const definition = FUNCTIONS.get(name)
  if (definition === undefined) throw new Error(`there is no ${name}`)
  return definition
}

/** Which aggregations there are is said once, by the functions that take them; Graphite leaves the list out here and there. */
function withoutOptionsOfAggregations(parameter: object): object {
  return 'type' in parameter && parameter.type === 'aggFunc'
    ? Object.fromEntries(Object.entries(parameter).filter(([key]) => key !== 'options'))
    : parameter
}

/** JSON has no word for it. */
function withWrittenInfinity(parameter: Record<string, unknown>): Record<string, unknown> {
  return parameter.default === 'Infinity' ? { ...parameter, default: Number.POSITIVE_INFINITY } : parameter
}
