import type { Random } from '../random.ts'
import { name, number, ODD_SHARE, seconds, tagCount, tagKey, tagValue } from './pieces.ts'

/** One line by the rule of docs/formats/graphite-plaintext.md; now and then with a piece that is none of the rule's. */
export function graphiteLine(random: Random): string {
  const parts = [nameWithTags(random), number(random), seconds(random)]
  if (random.chance(ODD_SHARE)) parts.splice(random.below(3), 1)
  if (random.chance(ODD_SHARE / 2)) parts.push('more')
  const blank = random.chance(0.1) ? random.pick(BLANKS) : ' '
  return (random.chance(0.02) ? blank : '') + parts.join(blank) + (random.chance(0.05) ? blank : '')
}

function nameWithTags(random: Random): string {
  if (random.chance(0.7)) return name(random)
  const tags = Array.from({ length: tagCount(random) }, () => {
    return `;${tagKey(random)}${random.chance(0.05) ? '' : `=${tagValue(random)}`}`
  })
  return name(random) + tags.join('')
}

const BLANKS = ['\t', '  ', ' \t ', '\u00a0', '\u2028', ' '.repeat(2_000)]
