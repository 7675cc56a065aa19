import { readFileSync } from 'node:fs'

/** The version in package.json, which lies two folders up from the sources and from what is compiled of them. */
export function readVersion(): string {
  const manifest = readFileSync(new URL('../../package.json', import.meta.url), 'utf8')
  return (JSON.parse(manifest) as { readonly version: string }).version
}
