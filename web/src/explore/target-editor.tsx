import { useEffect, useId, useRef, useState } from 'react'
import { flushSync } from 'react-dom'
import type { FunctionEntry, MetricEntry } from '../api.ts'
import { showHidden } from '../series-name.ts'
import { FunctionHelp } from './function-help.tsx'
import { type Suggestion, type Suggestions, suggest } from './suggest.ts'
import { SuggestionList } from './suggestion-list.tsx'
import { placeOf, positionOf, splitTarget } from './target-text.ts'

export interface TargetEditorProps {
  readonly value: string
  readonly index: number
  readonly functions: ReadonlyMap<string, FunctionEntry>
  readonly metrics: readonly MetricEntry[]
  readonly problem: string | null
  readonly onRun: (text: string) => void
  readonly onAdd: () => void
  /** undefined: it is the only one. */
  readonly onRemove: (() => void) | undefined
}

const SUGGEST_DELAY_MS = 30
const NO_SUGGESTIONS: Suggestions = { list: [], moreCount: 0 }
/** About as many as are seen at once. */
const PAGE_ROWS = 9
const STEPS: Readonly<Record<string, number>> = {
  ArrowDown: 1,
  ArrowUp: -1,
  PageDown: PAGE_ROWS,
  PageUp: -PAGE_ROWS,
}

/** One target: coloured by its parts, completed while it is typed, marked where Kymo finds a mistake. */
export function TargetEditor(props: TargetEditorProps) {
  const { value, index, functions, metrics, problem, onRun, onAdd, onRemove } = props
  const [text, setText] = useState(value)
  const [caret, setCaret] = useState(value.length)
  const [suggestions, setSuggestions] = useState(NO_SUGGESTIONS)
  const [chosen, setChosen] = useState(0)
  const [isAsking, setAsking] = useState(false)
  const fieldRef = useRef<HTMLTextAreaElement>(null)
  const listId = useId()
  const place = placeOf(text, caret)

  useEffect(() => setText(value), [value])
  // biome-ignore lint/correctness/useExhaustiveDependencies: the place follows from the text and the caret.
  useEffect(() => {
    if (!isAsking) return setSuggestions(NO_SUGGESTIONS)
    const controller = new AbortController()
    const timer = setTimeout(() => {
      void suggest(place, functions, metrics, controller.signal).then((found) => {
        if (controller.signal.aborted) return
        setSuggestions({ ...found, list: found.list.filter(({ insert }) => insert !== place.word) })
      })
    }, SUGGEST_DELAY_MS)
    return () => {
      clearTimeout(timer)
      controller.abort()
    }
  }, [text, caret, isAsking, functions, metrics])

  // biome-ignore lint/correctness/useExhaustiveDependencies: what is chosen stays when the same list comes anew, as it does with each new metric.
  useEffect(() => setChosen(0), [text, caret])

  const accept = (suggestion: Suggestion) => {
    const before = text.slice(0, place.start) + suggestion.insert
    const position = before.length - suggestion.caretBack
    // At once: whoever types fast has pressed the next key before the page is drawn again.
    flushSync(() => {
      // What is closed already is not closed again.
      setText(before + text.slice(caret).replace(/^[^\s(),]*/, ''))
      setCaret(position)
      setAsking(suggestion.kind === 'branch' || suggestion.kind === 'function')
    })
    fieldRef.current?.focus()
    fieldRef.current?.setSelectionRange(position, position)
  }
  const run = () => {
    setAsking(false)
    onRun(text.trim())
  }

  const onKeyDown = (event: React.KeyboardEvent) => {
    const count = suggestions.list.length
    const isOpen = count > 0
    const suggestion = suggestions.list[chosen]
    const step = STEPS[event.key]
    if (isOpen && step !== undefined) {
      event.preventDefault()
      const isArrow = Math.abs(step) === 1
      // Arrows go round; a page ends where the list does.
      setChosen(isArrow ? (chosen + step + count) % count : Math.max(0, Math.min(count - 1, chosen + step)))
    } else if (isOpen && suggestion !== undefined && event.key === 'Tab' && !event.shiftKey) {
      event.preventDefault()
      accept(suggestion)
    } else if (event.key === 'Enter' && !event.shiftKey) {
      event.preventDefault()
      const isWhole = text === value || !isOpen || event.ctrlKey || event.metaKey
      if (isOpen && suggestion !== undefined && !isWhole) accept(suggestion)
      else run()
    } else if (event.key === 'Escape') {
      setAsking(false)
    } else if (event.key === ' ' && event.ctrlKey) {
      event.preventDefault()
      setAsking(true)
    }
  }

  return (
    <div className={problem !== null && text.trim() === value ? 'target target-wrong' : 'target'}>
      <span className="target-letter" aria-hidden="true">
        {String.fromCharCode(65 + (index % 26))}
      </span>
      <div className="target-field">
        <div className="target-text">
          <ColouredTarget text={text} mistake={text.trim() === value ? problem : null} />
          <textarea
            ref={fieldRef}
            className="target-input"
            rows={1}
            value={text}
            placeholder="A path such as stats.counters.*.rate, a function, or a part of a name"
            aria-label={`Target ${index + 1}`}
            aria-controls={listId}
            aria-autocomplete="list"
            aria-invalid={problem !== null}
            {...(suggestions.list.length > 0 && { 'aria-activedescendant': `${listId}-${chosen}` })}
            spellCheck={false}
            autoComplete="off"
            autoCapitalize="off"
            onChange={(event) => {
              setText(event.target.value.replaceAll('\n', ' '))
              setCaret(event.target.selectionStart)
              setAsking(true)
            }}
            onSelect={(event) => setCaret(event.currentTarget.selectionStart)}
            onKeyDown={onKeyDown}
            onBlur={() => {
              setAsking(false)
              if (text.trim() !== value) onRun(text.trim())
            }}
          />
        </div>
        <SuggestionList
          id={listId}
          suggestions={suggestions}
          chosen={chosen}
          word={place.word}
          onAccept={accept}
        />
      </div>
      <div className="target-tools">
        <button
          type="button"
          className="icon-button"
          title="Another target"
          aria-label="Add a target"
          onClick={onAdd}
        >
          +
        </button>
        {onRemove !== undefined && (
          <button
            type="button"
            className="icon-button"
            title="Remove"
            aria-label={`Remove target ${index + 1}`}
            onClick={onRemove}
          >
            ×
          </button>
        )}
      </div>
      {problem !== null && text.trim() === value && (
        <p className="target-problem" role="alert">
          {showHidden(problem.replace(/^Parameter `target`: /, ''))}
        </p>
      )}
      {isAsking && <FunctionHelp place={place} functions={functions} />}
    </div>
  )
}

/** Lies under the field, letter by letter at the same place. */
function ColouredTarget({ text, mistake }: { readonly text: string; readonly mistake: string | null }) {
  const position = mistake === null ? undefined : positionOf(mistake)
  return (
    <div className="target-colours" aria-hidden="true">
      {splitTarget(text).map((part) => {
        const isWrong =
          position !== undefined && position >= part.start && position < part.start + part.text.length
        return (
          <span key={part.start} className={isWrong ? `part-${part.kind} part-wrong` : `part-${part.kind}`}>
            {part.text}
          </span>
        )
      })}
      {position !== undefined && position >= text.length && <span className="part-wrong">&nbsp;</span>}
    </div>
  )
}
