/**
 * Drops the empty nodes of a dotted name: `.a..b.` is `a.b`, and `..` is nothing. A node without a name could not be
 * reached by any path of a query, and carbon's files fold such names together as well.
 */
export function dropEmptyNodes(name: string): string {
  if (!EMPTY_NODE.test(name)) return name
  return name.replace(/\.{2,}/g, '.').replace(/^\.|\.$/g, '')
}

const EMPTY_NODE = /^\.|\.\.|\.$/
