import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'

/** Of all regular files in it, at any depth. */
export function directoryBytes(path: string): number {
  return readdirSync(path, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .reduce((sum, { parentPath, name }) => sum + statSync(join(parentPath, name)).size, 0)
}
