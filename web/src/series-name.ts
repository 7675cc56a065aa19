/**
 * Metric names are hostile text. They reach the page as text nodes only; here they are taken apart, and characters
 * that would hide or reorder what is shown are spelled out.
 */
export interface SeriesName {
  /** `shop.` of `shop.checkout`: everything up to the last dot, with it. */
  readonly prefix: string
  /** `checkout` */
  readonly leaf: string
  readonly tags: readonly TagText[]
}

export interface TagText {
  readonly key: string
  readonly value: string
}

export function readSeriesName(key: string): SeriesName {
  const [name = '', ...tagTexts] = key.split(';')
  // A trailing dot has no leaf behind it; the node before it is the leaf then.
  const lastDot = name.lastIndexOf('.', name.length - 2)
  return {
    prefix: showHidden(name.slice(0, lastDot + 1)),
    leaf: showHidden(name.slice(lastDot + 1)),
    tags: tagTexts.map(readTag),
  }
}

/** Control, format (zero width, bidirectional) and separator characters, as `\u{202e}`; but not what joins two emoji to one. */
export function showHidden(text: string): string {
  return text.replace(HIDDEN, (character) => {
    return `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`
  })
}

const HIDDEN =
  /(?!(?<=\p{Extended_Pictographic}[\u{fe0f}\p{Emoji_Modifier}]?)\u{200d}\p{Extended_Pictographic})[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu

/** What Kymo says about itself travels under this name, with etsy's names behind it. */
export function isOwnMetric(key: string): boolean {
  return key.startsWith('statsd.')
}

/** Every word of the query is somewhere in the key, whatever the case. */
export function matchesSearch(key: string, query: string): boolean {
  const haystack = key.toLowerCase()
  return query
    .toLowerCase()
    .split(/\s+/)
    .every((word) => haystack.includes(word))
}

function readTag(text: string): TagText {
  const equals = text.indexOf('=')
  if (equals < 0) return { key: showHidden(text), value: '' }
  return { key: showHidden(text.slice(0, equals)), value: showHidden(text.slice(equals + 1)) }
}
