/**
 * A name as Prometheus allows it. Every character but letters, digits and `_` becomes `_`, several dashes in a row one `_`, and a
 * digit does not come first. The keys of tags are escaped in the same way.
 */
export function escapeName(name: string): string {
  if (PLAIN.test(name)) return name
  const escaped = name.replace(/-+|[^A-Za-z0-9_]/gu, '_')
  return STARTS_WITH_DIGIT.test(escaped) ? `_${escaped}` : escaped
}

const PLAIN = /^[A-Za-z_][A-Za-z0-9_]*$/
const STARTS_WITH_DIGIT = /^[0-9]/
