/** Whether a series is among those that a path of Graphite's names. */
export function matcherOf(path: string): (key: string) => boolean {
  const ways = waysOf(path.replaceAll(/\\(.)/gsu, '$1')).map((way) => way.split('.'))
  return (key) => {
    const nodes = key.split('.')
    return ways.some(
      (way) => way.length === nodes.length && way.every((part, i) => fits(part, nodes[i] ?? '')),
    )
  }
}

const MOST_WAYS = 100

/** `{a,b}.c` is `a.c` or `b.c`. */
function waysOf(path: string): string[] {
  const ways = [path]
  for (let i = 0; i < ways.length && ways.length < MOST_WAYS; ) {
    const [braces, choice] = /\{([^{}]*)\}/.exec(ways[i] ?? '') ?? []
    if (braces === undefined || choice === undefined) i++
    else ways.splice(i, 1, ...choice.split(',').map((one) => (ways[i] ?? '').replace(braces, () => one)))
  }
  return ways
}

/** `*`, `?` and `[abc]`, which is taken for `?`: a unit is not told by a letter. It takes no longer than both are long, whoever wrote them. */
function fits(pattern: string, text: string): boolean {
  const signs = pattern.replaceAll(/\[[^\]]*\]/g, '?')
  let at = 0
  let star = -1
  let starAt = 0
  for (let i = 0; i < text.length; ) {
    if (signs[at] === '*') {
      star = at++
      starAt = i
    } else if (signs[at] === '?' || signs[at] === text[i]) {
      at++
      i++
    } else if (star >= 0) {
      at = star + 1
      i = ++starAt
    } else return false
  }
  return /^\**$/.test(signs.slice(at))
}
