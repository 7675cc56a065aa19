import { mkdirSync, statSync } from 'node:fs'
import { dirname } from 'node:path'

/**
 * Makes a directory and those above it that are missing; true if it was not there. Throws the system's error.
 *
 * Node's own `recursive: true` never returns where a file system answers ENOENT to every mkdir, as /proc does.
 */
export function makeDirectory(path: string): boolean {
  const outcome = makeOne(path)
  if (outcome !== 'parent missing') return outcome === 'made'
  makeDirectory(dirname(path))
  mkdirSync(path)
  return true
}

function makeOne(path: string): 'made' | 'there' | 'parent missing' {
  try {
    mkdirSync(path)
    return 'made'
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'EEXIST' && statSync(path).isDirectory()) return 'there'
    if (code === 'ENOENT' && dirname(path) !== path) return 'parent missing'
    throw error
  }
}
