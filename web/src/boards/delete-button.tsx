import { useId, useRef, useState } from 'react'
import { problemOf } from '../api.ts'
import { showHidden } from '../series-name.ts'
import { deleteBoard, type StoredDashboard } from './board-api.ts'

export interface DeleteButtonProps {
  readonly stored: StoredDashboard
  readonly onDeleted: () => void
}

/** Deletes a dashboard, once that was asked. */
export function DeleteButton({ stored, onDeleted }: DeleteButtonProps) {
  const { id, revision, dashboard } = stored
  const dialogRef = useRef<HTMLDialogElement>(null)
  const titleId = useId()
  const [isDeleting, setDeleting] = useState(false)
  const [problem, setProblem] = useState<string | null>(null)
  const ask = () => {
    setProblem(null)
    dialogRef.current?.showModal()
  }
  const remove = async () => {
    setDeleting(true)
    setProblem(null)
    try {
      await deleteBoard(id, revision)
      onDeleted()
    } catch (error) {
      setProblem(problemOf(error))
      setDeleting(false)
    }
  }
  return (
    <>
      <button type="button" className="text-button" aria-haspopup="dialog" onClick={ask}>
        Delete
      </button>
      <dialog ref={dialogRef} className="dialog" aria-labelledby={titleId}>
        <div className="dialog-body board-delete">
          <h2 className="dialog-title" id={titleId}>
            Delete “<bdi>{showHidden(dashboard.title)}</bdi>”?
          </h2>
          <p>
            Its file, <code>{id}.json</code>, is removed for everybody. The metrics that it shows stay.
          </p>
          {problem !== null && (
            <p className="board-problem" role="alert">
              {showHidden(problem)}
            </p>
          )}
          <div className="dialog-ways">
            {/* First, so that it has the focus: Enter alone deletes nothing. */}
            <button type="button" className="button" onClick={() => dialogRef.current?.close()}>
              Keep it
            </button>
            <button
              type="button"
              className="button button-bad"
              disabled={isDeleting}
              onClick={() => void remove()}
            >
              Delete
            </button>
          </div>
        </div>
      </dialog>
    </>
  )
}
