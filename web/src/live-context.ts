import { createContext, useContext } from 'react'
import type { LiveState } from './live.ts'

/** For what is deep in the page and needs one of Kymo's own facts: it is drawn anew with each of them. */
export const LiveContext = createContext<LiveState | null>(null)

export function useLive(): LiveState {
  const live = useContext(LiveContext)
  if (live === null) throw new Error('BUG: nothing around this says how Kymo is')
  return live
}
