import { readdirSync } from 'node:fs'
import { expect, test } from 'vitest'
import { renderApiReference } from '../api-reference.ts'
import type { Route } from '../route.ts'
import { SCOPES } from '../scopes.ts'
import { ROUTES } from './index.ts'

test('every file of the shelf that declares a route is in the index', async () => {
  const names = readdirSync(import.meta.dirname).filter(
    (name) => /^[^.]+\.ts$/.test(name) && name !== 'index.ts',
  )
  const declared: Route[] = []
  for (const name of names) {
    const module = (await import(/* @vite-ignore */ `${import.meta.dirname}/${name}`)) as Record<
      string,
      unknown
    >
    declared.push(...Object.values(module).filter(isRoute))
  }
  expect(declared.length).toBeGreaterThan(0)
  expect(new Set(ROUTES)).toEqual(new Set(declared))
  expect(ROUTES).toHaveLength(declared.length)
})

test.each(ROUTES.map((route) => [route.url, route] as const))(
  '%s declares all that it has to',
  (url, route) => {
    expect(SCOPES).toContain(route.scope)
    expect(route.methods.length).toBeGreaterThan(0)
    expect(url).toMatch(/^\/[a-zA-Z0-9./_:-]*[a-z]$/)
    expect(route.summary).toMatch(/\.$/)
    expect(route.answer.contentTypes.length).toBeGreaterThan(0)
    // What changes something is POST only.
    if (route.scope !== 'read') expect(route.methods).toEqual(['POST'])
  },
)

test('no two routes share a path and a method', () => {
  const places = ROUTES.flatMap(({ methods, url }) => methods.map((method) => `${method} ${url}`))
  expect(new Set(places).size).toBe(places.length)
})

test('what a path has to be filled with is declared', () => {
  for (const { url, pathParameters } of ROUTES) {
    const names = [...url.matchAll(/:([a-z]+)/g)].map(([, name]) => name)
    expect(Object.keys(pathParameters?.shape ?? {})).toEqual(names)
  }
})

test('the reference shows every route, its scope and its parameters', () => {
  const text = renderApiReference(ROUTES)
  for (const route of ROUTES) {
    expect(text).toContain(`## ${route.methods.join(', ')} ${route.url}\n`)
    expect(text).toContain(`Scope: \`${route.scope}\`.`)
    const declared = [route.parameters, route.pathParameters, route.body]
    for (const name of declared.flatMap((schema) => Object.keys(schema?.shape ?? {}))) {
      expect(text).toMatch(new RegExp(`\\| \`${name}\` \\| .{5,} \\|`))
    }
  }
})

function isRoute(value: unknown): value is Route {
  return typeof value === 'object' && value !== null && 'url' in value && 'handler' in value
}
