export const ID_WANTED =
  'up to 100 lower-case letters, digits, "-" and "_", the first of them a letter or digit'

/** An id is a file's name without its ending, on every file system the same: nothing that leads out of the directory, and no case. */
export function isDashboardId(text: string): boolean {
  return /^[a-z0-9][a-z0-9_-]{0,99}$/.test(text)
}

/** `Shop: API (prod)` is `shop-api-prod`. */
export function idFromTitle(title: string): string {
  const words = title
    .slice(0, 500)
    .normalize('NFKD')
    .toLowerCase()
    .match(/[a-z0-9]+/g)
  return (words ?? ['dashboard']).join('-').slice(0, 60).replace(/-$/, '')
}
