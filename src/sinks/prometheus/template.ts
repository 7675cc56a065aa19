/** What a template is filled with: the whole match (undefined by globs), then what each wildcard or group took. */
export type Captures = readonly (string | undefined)[]

/** A name or a label's value, still to be filled. */
export type Template = (captures: Captures) => string

/**
 * `$1`, `${1}` and, of regular expressions, `${name}` stand for what a group took. Without braces the name is as long as it can be:
 * `$1_total` means the group `1_total`. What there is no group for is empty; `$$` is `$`.
 */
export function compileTemplate(template: string, groupNumbers: ReadonlyMap<string, number>): Template {
  const parts: (string | number)[] = []
  let position = 0
  for (const reference of template.matchAll(REFERENCE)) {
    parts.push(template.slice(position, reference.index))
    position = reference.index + reference[0].length
    const name = reference[1] ?? reference[2]
    if (name === undefined) parts.push('$')
    else parts.push(/^[0-9]+$/.test(name) ? Number(name) : (groupNumbers.get(name) ?? NO_GROUP))
  }
  parts.push(template.slice(position))
  const [only = ''] = parts
  if (parts.length === 1 && typeof only === 'string') return () => only
  return (captures) =>
    parts.map((part) => (typeof part === 'number' ? (captures[part] ?? '') : part)).join('')
}

const REFERENCE = /\$\{(\w+)\}|\$(\w+)|\$\$/g
const NO_GROUP = -1
