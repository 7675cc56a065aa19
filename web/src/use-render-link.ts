import { useMemo } from 'react'
import { type RenderLink, renderLink } from './render-link.ts'
import type { ShownSpan } from './time/use-span.ts'
import { useTimes } from './time/times.ts'

/** The address of what a chart shows. While the page goes on with the clock, it stays the same. */
export function useRenderLink(
  targets: readonly string[],
  { fromSeconds, untilSeconds, isLive }: ShownSpan,
  format: RenderLink['format'],
): string | undefined {
  const { zone } = useTimes()
  const from = isLive ? fromSeconds - untilSeconds : fromSeconds
  const until = isLive ? 0 : untilSeconds
  return useMemo(
    () => renderLink({ targets, span: { fromSeconds: from, untilSeconds: until }, isLive, zone, format }),
    [targets, from, until, isLive, zone, format],
  )
}
