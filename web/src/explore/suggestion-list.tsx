import { useEffect, useRef } from 'react'
import { formatCount } from '../format.ts'
import { showHidden } from '../series-name.ts'
import type { Suggestion, Suggestions } from './suggest.ts'

export interface SuggestionListProps {
  readonly id: string
  readonly suggestions: Suggestions
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
  const { list, moreCount } = suggestions
  const chosenRef = useRef<HTMLLIElement>(null)
  useEffect(() => {
    if (chosen >= 0) chosenRef.current?.scrollIntoView({ block: 'nearest' })
  }, [chosen])
  return (
    <div className="suggestions" hidden={list.length === 0}>
      <ul id={id} role="listbox" aria-label="Completions">
        {list.map((suggestion, index) => (
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
      <p className="suggestions-more" role="status">
        {moreCount > 0 && `${formatCount(moreCount)} more: go on typing to find them.`}
      </p>
    </div>
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
