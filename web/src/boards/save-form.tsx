import { useId, useState } from 'react'
import { idFromTitle } from '../../../src/dashboards/dashboard-id.ts'
import { ApiError, problemOf } from '../api.ts'
import { showHidden } from '../series-name.ts'
import { type Dashboard, saveBoard } from './board-api.ts'
import '../styles/boards.css'

export interface SaveFormProps {
  readonly dashboard: Dashboard
  /** With its id. */
  readonly onSaved: (id: string) => void
  readonly onCancel: () => void
}

/** Asks for a name and saves a dashboard that there was not before. */
export function SaveForm({ dashboard, onSaved, onCancel }: SaveFormProps) {
  const [title, setTitle] = useState(dashboard.title)
  const [isSaving, setSaving] = useState(false)
  const [problem, setProblem] = useState<string | null>(null)
  const inputId = useId()
  const name = title.trim()
  const save = async () => {
    setSaving(true)
    setProblem(null)
    try {
      const { id } = await saveBoard(idFromTitle(name), { ...dashboard, title: name }, null)
      onSaved(id)
    } catch (error) {
      const isTaken = error instanceof ApiError && error.status === 409
      const message = problemOf(error)
      setProblem(
        isTaken
          ? `There is a dashboard "${idFromTitle(name)}" already. Choose another name for this one.`
          : message,
      )
      setSaving(false)
    }
  }
  return (
    <form
      className="save-form"
      onSubmit={(event) => {
        event.preventDefault()
        if (name !== '') void save()
      }}
    >
      <label htmlFor={inputId}>Name</label>
      <input
        id={inputId}
        // biome-ignore lint/a11y/noAutofocus: it was asked for with a button.
        autoFocus
        required
        maxLength={200}
        value={title}
        onChange={(event) => setTitle(event.target.value)}
      />
      <button type="submit" className="button" disabled={isSaving || name === ''}>
        Save
      </button>
      <button type="button" className="text-button" onClick={onCancel}>
        Cancel
      </button>
      {problem !== null && (
        <p className="board-problem" role="alert">
          {showHidden(problem)}
        </p>
      )}
    </form>
  )
}
