import { useEffect, useState } from 'react'
import { browserClock } from '../browser-clock.ts'
import { copyText } from '../copy-text.ts'

const SHOWN_MS = 2000

export function CopyButton({ text }: { readonly text: string }) {
  const [outcome, setOutcome] = useState<'copied' | 'failed' | null>(null)

  useEffect(() => {
    if (outcome === null) return
    return browserClock.after(SHOWN_MS, () => setOutcome(null))
  }, [outcome])

  const onClick = async () => {
    setOutcome((await copyText(text)) ? 'copied' : 'failed')
  }

  return (
    <button type="button" className="button" onClick={() => void onClick()}>
      <span aria-live="polite">
        {outcome === 'copied' ? 'Copied' : outcome === 'failed' ? 'Select and copy' : 'Copy'}
      </span>
    </button>
  )
}
