import { useSyncExternalStore } from 'react'
import { fetchIncoming, type IncomingLine, type IncomingLines } from '../api.ts'

const ASK_MS = 1_000
/** After a failure; that Kymo is away is said elsewhere. */
const ASK_AGAIN_MS = 5_000
const KEPT_LINES = 500

export interface LineTail {
  /** The newest first. */
  readonly lines: readonly IncomingLine[]
  readonly lastId: number
}

export const NO_LINES: LineTail = { lines: [], lastId: 0 }

/** A smaller id than before is that of another run, whose lines are numbered anew. */
export function addLines(before: LineTail, { lines, lastId }: IncomingLines): LineTail {
  if (lines.length === 0 && lastId === before.lastId) return before
  const kept = lastId < before.lastId ? [] : before.lines
  return { lines: [...lines.toReversed(), ...kept].slice(0, KEPT_LINES), lastId }
}

/** Lines as they come, for as long as the page is looked at: a tab behind others makes nobody sample. */
export function useLineTail(): readonly IncomingLine[] {
  return useSyncExternalStore(listen, () => tail.lines)
}

const listeners = new Set<() => void>()
let tail = NO_LINES
let stop = () => {}

/** However many look, one asks. */
function listen(listener: () => void): () => void {
  if (listeners.size === 0) stop = follow()
  listeners.add(listener)
  return () => {
    listeners.delete(listener)
    if (listeners.size === 0) stop()
  }
}

function follow(): () => void {
  tail = NO_LINES
  const controller = new AbortController()
  let timer: ReturnType<typeof setTimeout> | undefined
  const ask = async (): Promise<void> => {
    let nextMs = ASK_MS
    try {
      if (document.visibilityState === 'visible') {
        tail = addLines(tail, await fetchIncoming(tail.lastId, controller.signal))
        for (const listener of listeners) listener()
      }
    } catch {
      nextMs = ASK_AGAIN_MS
    }
    if (!controller.signal.aborted) timer = setTimeout(() => void ask(), nextMs)
  }
  void ask()
  return () => {
    controller.abort()
    clearTimeout(timer)
  }
}
