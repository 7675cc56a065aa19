import type { RejectionReason } from '../../model/rejection.ts'
import type { Tag } from '../../model/series-key.ts'

/** What a line may ask to be remembered. One that asks for more is rejected, each kind under a reason of its own. */
export interface StatsdLimits {
  /** Bytes of a name, sanitised and without its tags. */
  readonly nameBytes: number
  /** Nodes of a name: what its dots divide. */
  readonly nameNodes: number
  /** Tags of one line, repeated keys included. */
  readonly tags: number
  /** Bytes of a tag, its key and its value together. */
  readonly tagBytes: number
}

export const DEFAULT_STATSD_LIMITS: StatsdLimits = {
  nameBytes: 1_024,
  nameNodes: 64,
  tags: 64,
  tagBytes: 200,
}

/** Whether a name that is not empty is within the limits; if not, why. */
export function refuseName(name: string, limits: StatsdLimits): RejectionReason | undefined {
  // A node is a letter and a dot at least: most names are too short to have too many.
  if (name.length < limits.nameNodes * 2 && name.length * 3 <= limits.nameBytes) return undefined
  if (hasMoreBytes(name, limits.nameBytes)) return 'name_too_long'
  let nodes = 1
  for (let at = name.indexOf('.'); at >= 0; at = name.indexOf('.', at + 1)) nodes++
  return nodes > limits.nameNodes ? 'too_many_nodes' : undefined
}

export function refuseTags(tags: readonly Tag[], limits: StatsdLimits): RejectionReason | undefined {
  if (tags.length > limits.tags) return 'too_many_tags'
  for (const [key, value] of tags) {
    if ((key.length + value.length) * 3 > limits.tagBytes && hasMoreBytes(key + value, limits.tagBytes)) {
      return 'tag_too_long'
    }
  }
  return undefined
}

function hasMoreBytes(text: string, limit: number): boolean {
  return text.length > limit || Buffer.byteLength(text) > limit
}
