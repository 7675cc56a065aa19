import { useEffect, useMemo, useRef, useState } from 'react'
import { ApiError, problemOf } from '../api.ts'
import { Notice } from '../notice.tsx'
import { linkTo } from '../route.ts'
import { showHidden } from '../series-name.ts'
import { type Dashboard, fetchBoard, type Panel, saveBoard, type StoredDashboard } from './board-api.ts'
import { type BoardDraft, readDraft, tidy, writeDraft } from './board-draft.ts'
import { BoardPanel, type BoardPanelProps } from './board-panel.tsx'
import { valuesOf } from './board-variables.ts'
import { PanelForm } from './panel-form.tsx'
import { PanelHandles } from './panel-handles.tsx'
import { addPanel, placePanel } from './panel-grid.ts'
import { SaveForm } from './save-form.tsx'
import { VariableForm } from './variable-form.tsx'
import { VariablePickers } from './variable-picker.tsx'

export interface BoardEditorProps extends Omit<BoardPanelProps, 'panel' | 'values' | 'tools'> {
  readonly onSaved: (stored: StoredDashboard) => void
  /** Another value of a variable. */
  readonly onChoose: (name: string, value: string) => void
}

const MAX_PANELS = 300
/** Browsers refuse to change the address with each key. */
const WRITE_DELAY_MS = 300

/** A dashboard while it is changed. What is not saved yet is in the link. */
export function BoardEditor({ onSaved, onChoose, ...shown }: BoardEditorProps) {
  const { route, metrics, onTime: navigate } = shown
  const [draft, setDraft] = useState<BoardDraft | null>(null)
  const [problem, setProblem] = useState<string | null>(null)
  const [isConflict, setConflict] = useState(false)
  const [isRenaming, setRenaming] = useState(false)
  const [edited, setEdited] = useState<number | null>(null)
  const writtenRef = useRef('')
  const beforeRef = useRef<readonly Panel[]>([])

  useEffect(() => {
    if (route.draft === writtenRef.current) return
    writtenRef.current = route.draft
    setDraft(null)
    setProblem(null)
    readDraft(route.draft).then(setDraft, (error: unknown) => setProblem(problemOf(error)))
  }, [route.draft])
  useEffect(() => {
    if (draft === null) return
    const timer = setTimeout(() => {
      writtenRef.current = writeDraft(draft)
      navigate({ draft: writtenRef.current }, 'replace')
    }, WRITE_DELAY_MS)
    return () => clearTimeout(timer)
  }, [draft, navigate])
  const chosen = route.values.join('\n')
  const values = useMemo(
    () => (draft === null ? new Map<string, string>() : valuesOf(draft.dashboard, chosen.split('\n'))),
    [draft, chosen],
  )

  const cancel = (
    <button type="button" className="text-button" onClick={() => navigate({ draft: '' })}>
      Cancel
    </button>
  )
  if (draft === null)
    return problem === null ? (
      <p className="page-hint">Loading …</p>
    ) : (
      <Notice tone="bad" title="The changes in this link cannot be read">
        {showHidden(problem)} {cancel}
      </Notice>
    )
  const { dashboard, revision } = draft
  const { panels } = dashboard
  const change = (part: Partial<Dashboard>) => setDraft({ ...draft, dashboard: { ...dashboard, ...part } })
  const changePanel = (index: number, part: Partial<Panel>) =>
    change({ panels: panels.map((one, i) => (i === index ? { ...one, ...part } : one)) })
  const save = async (isOver: boolean) => {
    setProblem(null)
    try {
      const from = isOver ? (await fetchBoard(route.prefix, new AbortController().signal)).revision : revision
      onSaved(await saveBoard(route.prefix, tidy(dashboard), from))
    } catch (error) {
      setConflict(error instanceof ApiError && error.status === 409)
      setProblem(problemOf(error))
    }
  }
  const editedPanel = edited === null ? undefined : panels[edited]
  return (
    <>
      <form
        className="save-form"
        onSubmit={(event) => {
          event.preventDefault()
          void save(false)
        }}
      >
        <label>
          Title{' '}
          <input
            required
            maxLength={200}
            value={dashboard.title}
            onChange={(event) => change({ title: event.target.value })}
          />
        </label>
        <button type="submit" className="button">
          Save
        </button>
        {cancel}
      </form>
      {problem !== null && (
        <Notice tone="bad" title={isConflict ? 'Somebody else has changed it' : 'It is not saved'}>
          <p>{showHidden(problem)}</p>
          {isConflict && (
            <p className="board-ways">
              Your changes are here still, and in the link.{' '}
              <a
                href={linkTo(route, { page: 'boards', prefix: route.prefix })}
                target="_blank"
                rel="noopener"
              >
                See what it is now
              </a>{' '}
              <button type="button" className="text-button" onClick={() => void save(true)}>
                Save mine over it
              </button>{' '}
              <button type="button" className="text-button" onClick={() => setRenaming(true)}>
                Save mine under another name
              </button>
            </p>
          )}
        </Notice>
      )}
      {isRenaming && (
        <SaveForm dashboard={tidy(dashboard)} onSaved={leadTo} onCancel={() => setRenaming(false)} />
      )}
      <VariableForm variables={dashboard.variables} onChange={(variables) => change({ variables })} />
      <VariablePickers
        variables={dashboard.variables.filter(({ name }) => name !== '')}
        values={values}
        onChoose={onChoose}
      />
      {editedPanel !== undefined && edited !== null && (
        <PanelForm
          key={edited}
          panel={editedPanel}
          metrics={metrics}
          onChange={(part) => changePanel(edited, part)}
          onClose={() => setEdited(null)}
        />
      )}
      <div className="board board-edited">
        {panels.map((panel, index) => (
          <BoardPanel
            // biome-ignore lint/suspicious/noArrayIndexKey: a panel is told by its place in the list.
            key={index}
            {...shown}
            panel={panel}
            values={values}
            tools={
              <PanelHandles
                panel={panel}
                onStart={() => {
                  beforeRef.current = panels
                }}
                onPlace={(place) => change({ panels: placePanel(beforeRef.current, index, place) })}
                onEdit={() => setEdited(index)}
                onRemove={() => {
                  setEdited(null)
                  change({ panels: panels.filter((_, i) => i !== index) })
                }}
              />
            }
          />
        ))}
      </div>
      {panels.length < MAX_PANELS && (
        <p className="dashboard-save">
          <button
            type="button"
            className="button"
            onClick={() => {
              change({ panels: addPanel(panels) })
              setEdited(panels.length)
            }}
          >
            Add a panel
          </button>
        </p>
      )}
    </>
  )

  function leadTo(id: string): void {
    navigate({ page: 'boards', prefix: id, draft: '' })
  }
}
