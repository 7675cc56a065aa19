import { useEffect, useRef } from 'react'
import { showHidden } from '../series-name.ts'
import type { Suggestion } from './suggest.ts'

export interface SuggestionListProps {
  readonly id: string
  readonly suggestions: readonly Suggestion[]
  readonly chosen: number
  readonly word: string
  readonly onAccept: (suggestion: Suggestion) => void
}

const SIGNS: Readonly<Record<Suggestion['kind'], string>> = {
  function: 'ƒ',
  branch: '▸',
  series: '∿',
  metric: '#',
  option: '=',
}

export function SuggestionList({ id, suggestions, chosen, word, onAccept }: SuggestionListProps) {
  const chosenRef = useRef<HTMLLIElement>(null)
  useEffect(() => {
    if (chosen >= 0) chosenRef.current?.scrollIntoView({ block: 'nearest' })
  }, [chosen])
  return (
    <ul
      id={id}
      className="suggestions"
      role="listbox"
      aria-label="Completions"
      hidden={suggestions.length === 0}
    >
      {suggestions.map((suggestion, index) => (
        <li
          key={`${suggestion.kind} ${suggestion.label}`}
          id={`${id}-${index}`}
          ref={index === chosen ? chosenRef : null}
          role="option"
          aria-selected={index === chosen}
          className="suggestion"
          // The field keeps the focus.
          onMouseDown={(event) => {
            event.preventDefault()
            onAccept(suggestion)
          }}
        >
          <span className={`suggestion-sign sign-${suggestion.kind}`} aria-hidden="true">
            {SIGNS[suggestion.kind]}
          </span>
          <bdi className="suggestion-label">
            <Marked text={showHidden(suggestion.label)} word={word} />
          </bdi>
          <span className="suggestion-note">{suggestion.note}</span>
        </li>
      ))}
    </ul>
  )
}

function Marked({ text, word }: { readonly text: string; readonly word: string }) {
  const at = word === '' ? -1 : text.toLowerCase().indexOf(word.toLowerCase())
  if (at < 0) return text
  return (
    <>
      {text.slice(0, at)}
      <mark>{text.slice(at, at + word.length)}</mark>
      {text.slice(at + word.length)}
    </>
  )
}
