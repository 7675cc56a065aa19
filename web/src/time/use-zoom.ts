import { useCallback, useLayoutEffect, useRef } from 'react'
import type { Navigate } from '../route.ts'
import { type Span, spanText, zoomOut } from './time-text.ts'
import type { ShownSpan } from './use-span.ts'

/** What charts do with the stretch of time. Both stay the same while it moves on, so that nothing is drawn anew for them. */
export function useZoom(
  span: ShownSpan,
  onNavigate: Navigate,
): { onZoom: (span: Span) => void; onZoomOut: () => void } {
  const shown = useRef(span)
  useLayoutEffect(() => {
    shown.current = span
  })
  const onZoom = useCallback((zoomed: Span) => onNavigate(spanText(zoomed)), [onNavigate])
  const onZoomOut = useCallback(
    () => onNavigate(zoomOut(shown.current, shown.current.nowSeconds)),
    [onNavigate],
  )
  return { onZoom, onZoomOut }
}
