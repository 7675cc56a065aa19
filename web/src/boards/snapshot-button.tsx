import { useState } from 'react'
import { problemOf } from '../api.ts'
import { showHidden } from '../series-name.ts'
import type { Span } from '../time/time-text.ts'
import { useTimes } from '../time/times.ts'
import type { StoredDashboard } from './board-api.ts'
import { makeSnapshot } from './snapshot.ts'

export interface SnapshotButtonProps {
  readonly stored: StoredDashboard
  readonly values: ReadonlyMap<string, string>
  readonly span: Span
}

/** Downloads what is shown as a file that needs no Kymo. */
export function SnapshotButton({ stored, values, span }: SnapshotButtonProps) {
  const times = useTimes()
  const [isMaking, setMaking] = useState(false)
  const [problem, setProblem] = useState<string | null>(null)
  const download = async () => {
    setMaking(true)
    setProblem(null)
    try {
      const html = await makeSnapshot(stored.dashboard, values, span, times)
      const url = URL.createObjectURL(new Blob([html], { type: 'text/html' }))
      const link = document.createElement('a')
      link.href = url
      link.download = `${stored.id}.html`
      link.click()
      setTimeout(() => URL.revokeObjectURL(url), 10_000)
    } catch (error) {
      setProblem(problemOf(error))
    }
    setMaking(false)
  }
  return (
    <>
      <button type="button" className="text-button" disabled={isMaking} onClick={() => void download()}>
        {isMaking ? 'Drawing …' : 'Snapshot'}
      </button>
      {problem !== null && (
        <span className="board-problem" role="alert">
          {showHidden(problem)}
        </span>
      )}
    </>
  )
}
