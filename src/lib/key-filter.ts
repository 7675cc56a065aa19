import { compileNamePattern } from './name-pattern.ts'

export type KeyFilter =
  | { readonly isCompiled: true; readonly matches: (key: string) => boolean }
  /** Completes the sentence "The pattern …". */
  | { readonly isCompiled: false; readonly limit: string }

/** Which keys of series a pattern of names means; tags are not looked at. undefined means all. */
export function compileKeyFilter(pattern: string | undefined): KeyFilter {
  if (pattern === undefined) return { isCompiled: true, matches: () => true }
  const compiled = compileNamePattern(pattern)
  if (!compiled.isCompiled) return compiled
  return {
    isCompiled: true,
    matches: (key) => {
      const tags = key.indexOf(';')
      return compiled.pattern.matches((tags < 0 ? key : key.slice(0, tags)).split('.'))
    },
  }
}
