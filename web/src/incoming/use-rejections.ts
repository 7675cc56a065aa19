import { useMemo } from 'react'
import type { RejectionSample } from '../api.ts'
import { useLive } from '../live-context.ts'
import { useLineTail } from './line-tail.ts'

/** Lines that were refused, the newest first: those that Kymo told of, and of those that come now many more. */
export function useRejections(): readonly RejectionSample[] {
  const { rejections } = useLive()
  const lines = useLineTail()
  return useMemo(() => {
    const refused = lines.flatMap(({ outcome, reason, ...line }) =>
      outcome === 'rejected' && reason !== null ? [{ ...line, reason }] : [],
    )
    return [...refused, ...rejections]
  }, [lines, rejections])
}
