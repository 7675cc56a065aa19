import { useState } from 'react'
import { problemOf } from '../api.ts'
import { showHidden } from '../series-name.ts'
import { type ImportedDashboard, importBoard } from './board-api.ts'
import { SaveForm } from './save-form.tsx'

export interface ImportFormProps {
  /** With the id under which it was saved. */
  readonly onSaved: (id: string) => void
  readonly onCancel: () => void
}

/** A dashboard of Grafana or Graphite from a file or as pasted: first what could not be taken, then a name. */
export function ImportForm({ onSaved, onCancel }: ImportFormProps) {
  const [text, setText] = useState('')
  const [problem, setProblem] = useState<string | null>(null)
  const [imported, setImported] = useState<ImportedDashboard | null>(null)
  const read = async (json: string) => {
    setProblem(null)
    setImported(null)
    try {
      setImported(await importBoard(parse(json)))
    } catch (error) {
      setProblem(problemOf(error))
    }
  }
  return (
    <section className="board-form" aria-label="Import">
      <p className="lead">
        JSON that Grafana or Graphite exports. Nothing is saved before you have seen what is in it.
      </p>
      <form
        className="save-form"
        onSubmit={(event) => {
          event.preventDefault()
          void read(text)
        }}
      >
        <label>
          File{' '}
          <input
            type="file"
            accept=".json,application/json"
            onChange={(event) => {
              const [file] = event.target.files ?? []
              void file?.text().then(
                async (content) => {
                  setText(content)
                  await read(content)
                },
                (error: unknown) => setProblem(`The file cannot be read: ${String(error)}`),
              )
            }}
          />
        </label>
        <textarea
          className="import-text"
          rows={5}
          aria-label="JSON of a dashboard"
          placeholder="or paste it here"
          spellCheck={false}
          value={text}
          onChange={(event) => setText(event.target.value)}
        />
        <button type="submit" className="button" disabled={text.trim() === ''}>
          Read
        </button>
        <button type="button" className="text-button" onClick={onCancel}>
          Close
        </button>
      </form>
      {problem !== null && (
        <p className="board-problem" role="alert">
          {showHidden(problem)}
        </p>
      )}
      {imported !== null && (
        <>
          <ImportReport imported={imported} />
          <SaveForm
            key={imported.dashboard.title}
            dashboard={imported.dashboard}
            onSaved={onSaved}
            onCancel={() => setImported(null)}
          />
        </>
      )}
    </section>
  )
}

function ImportReport({ imported }: { readonly imported: ImportedDashboard }) {
  const { dashboard, notTaken } = imported
  const panels = `${dashboard.panels.length} ${dashboard.panels.length === 1 ? 'panel' : 'panels'}`
  return (
    <div className="import-report" role="status">
      <p>
        {panels} taken. {notTaken.length === 0 ? 'Nothing was left out.' : 'Not taken:'}
      </p>
      <ul className="boards-damaged">
        {notTaken.map(({ where, what, why }, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: the same may be said twice.
          <li key={index}>
            <bdi>{showHidden(where)}</bdi>: {showHidden(what)} ({showHidden(why)})
          </li>
        ))}
      </ul>
    </div>
  )
}

function parse(json: string): unknown {
  try {
    return JSON.parse(json)
  } catch (error) {
    throw new Error(`This is not JSON: ${error instanceof Error ? error.message : String(error)}`, {
      cause: error,
    })
  }
}
