import { type KeyboardEvent, useRef, useState } from 'react'
import type { Snippet } from '../snippets.ts'
import { CopyButton } from './copy-button.tsx'

/** One tab per language; arrow keys go from tab to tab. */
export function SnippetTabs({ snippets }: { readonly snippets: readonly Snippet[] }) {
  const [chosenId, setChosenId] = useState('shell')
  const listRef = useRef<HTMLDivElement>(null)
  const chosen = snippets.find((snippet) => snippet.id === chosenId) ?? snippets[0]
  if (chosen === undefined)
    return <p className="page-hint">Kymo takes in neither StatsD nor Graphite here.</p>

  const onKeyDown = (event: KeyboardEvent) => {
    const steps: Readonly<Record<string, number>> = { ArrowRight: 1, ArrowLeft: -1 }
    const step = steps[event.key]
    if (step === undefined) return
    event.preventDefault()
    const next = snippets.at((snippets.indexOf(chosen) + step) % snippets.length)
    if (next === undefined) return
    setChosenId(next.id)
    listRef.current?.querySelector<HTMLElement>(`#tab-${next.id}`)?.focus()
  }

  return (
    <div className="snippets">
      <div className="tabs" role="tablist" aria-label="Language" ref={listRef} onKeyDown={onKeyDown}>
        {snippets.map((snippet) => (
          <button
            key={snippet.id}
            id={`tab-${snippet.id}`}
            type="button"
            role="tab"
            className="tab"
            aria-selected={snippet === chosen}
            aria-controls="snippet-panel"
            tabIndex={snippet === chosen ? 0 : -1}
            onClick={() => setChosenId(snippet.id)}
          >
            {snippet.label}
          </button>
        ))}
      </div>
      <div className="snippet" id="snippet-panel" role="tabpanel" aria-labelledby={`tab-${chosen.id}`}>
        <pre className="snippet-code">
          <code>{chosen.code}</code>
        </pre>
        <div className="snippet-foot">
          {chosen.install === '' ? (
            <span className="snippet-need">Paste it into a terminal on this machine.</span>
          ) : (
            <span className="snippet-need">
              Needs <code>{chosen.install}</code>
            </span>
          )}
          <CopyButton key={chosen.id} text={chosen.code} />
        </div>
      </div>
    </div>
  )
}
