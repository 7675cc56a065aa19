import { readdirSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import type { GraphiteFunction } from '../graphite-function.ts'
import { FUNCTIONS } from './index.ts'

test('every function of every file of the shelf is in the index, under names of its own', async () => {
  const files = readdirSync(import.meta.dirname).filter(
    (name) => /^[^.]+\.ts$/.test(name) && name !== 'index.ts',
  )
  const declared: GraphiteFunction[] = []
  for (const file of files) {
    const module = (await import(/* @vite-ignore */ `${import.meta.dirname}/${file}`)) as Record<
      string,
      unknown
    >
    declared.push(...Object.values(module).filter(isFunction))
  }
  const names = declared.flatMap(({ name, aliases = [] }) => [name, ...aliases])
  expect(names.toSorted()).toEqual([...FUNCTIONS.keys()].sort())
})

test("every name of graphite-web's is known", () => {
  const file = new URL('../testdata/graphite_web_functions.json', import.meta.url)
  const { functions } = JSON.parse(readFileSync(file, 'utf8')) as { functions: object }
  expect(Object.keys(functions).filter((name) => !FUNCTIONS.has(name))).toEqual([])
})

function isFunction(exported: unknown): exported is GraphiteFunction {
  return typeof exported === 'object' && exported !== null && 'evaluate' in exported
}
