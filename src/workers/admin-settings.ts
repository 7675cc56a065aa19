import type { AdminSetting } from '../admin/services.ts'
import type { Setting } from '../config/settings.ts'

/** Settings as the management console lists them: `sinks[0].type` is `sinks > 0 > type`, a list has a line for each value. */
export function toAdminSettings(settings: readonly Setting[]): AdminSetting[] {
  return settings.flatMap(({ key, value }) => {
    const path = key.replace(/\[(\d+)\]/g, '.$1').split('.')
    if (value === undefined) return []
    if (!Array.isArray(value)) return [{ path, value: textOf(value) }]
    return value.map((item: unknown, index) => ({ path: [...path, String(index)], value: textOf(item) }))
  })
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : (JSON.stringify(value) ?? '')
}
