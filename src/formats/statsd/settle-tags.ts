import type { RejectionReason } from '../../model/rejection.ts'
import type { Tag } from '../../model/series-key.ts'
import { refuseTags, type StatsdLimits } from './limits.ts'
import type { DialectRules } from './profile.ts'

/** What happens to the tags of a line once all are read: some are dropped, and there may be too many or too long ones. */
export function settleTags(
  tags: Tag[],
  rules: DialectRules,
  limits: StatsdLimits,
): RejectionReason | undefined {
  if (tags.length === 0) return undefined
  if (rules.dropsInternalTags && tags.some(isInternal)) {
    const others = tags.filter((tag) => !isInternal(tag))
    tags.length = 0
    for (const tag of others) tags.push(tag)
  }
  return refuseTags(tags, limits)
}

/** How clients tell the Datadog agent in tags what `c:`, `e:` and `card:` tell it now. */
const INTERNAL_TAGS: ReadonlySet<string> = new Set([
  'dd.internal.entity_id',
  'dd.internal.card',
  'dd.internal.jmx_check_name',
])

function isInternal([key]: Tag): boolean {
  return key.startsWith('dd.') && INTERNAL_TAGS.has(key)
}
