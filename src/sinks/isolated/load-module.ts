import { createRequire, registerHooks } from 'node:module'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'

/**
 * Loads a module by its path or by the name of its package, as a file in `directory` would: of either kind, and in TypeScript where Node runs it.
 * Returns what it exports.
 */
export async function loadModule(
  module: string,
  directory: string,
): Promise<Readonly<Record<string, unknown>>> {
  const place = join(directory, 'kymo.yaml')
  const file = resolveAsRequired(module, place)
  if (file !== undefined) return (await import(/* @vite-ignore */ pathToFileURL(file).href)) as ModuleExports
  // A package for `import` alone. Where it is looked for can only be said by a hook.
  const { href } = pathToFileURL(place)
  const hooks = registerHooks({
    resolve: (specifier, context, next) =>
      next(specifier, specifier === module ? { ...context, parentURL: href } : context),
  })
  try {
    return (await import(/* @vite-ignore */ module)) as ModuleExports
  } finally {
    hooks.deregister()
  }
}

type ModuleExports = Readonly<Record<string, unknown>>

/** Finds files without their extension, too, as etsy/statsd does. */
function resolveAsRequired(module: string, place: string): string | undefined {
  try {
    return createRequire(place).resolve(module)
  } catch {
    return undefined
  }
}

/** What a module exports under a name, itself or in its default export. */
export function exportOf(exports: ModuleExports, name: string): unknown {
  if (name in exports) return exports[name]
  const { default: inner } = exports
  return (typeof inner === 'object' || typeof inner === 'function') && inner !== null
    ? (inner as Readonly<Record<string, unknown>>)[name]
    : undefined
}
