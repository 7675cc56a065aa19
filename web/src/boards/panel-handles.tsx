import { useRef } from 'react'
import type { Panel } from './board-api.ts'
import type { Place } from './panel-grid.ts'

export interface PanelHandlesProps {
  readonly panel: Panel
  readonly onStart: () => void
  readonly onPlace: (place: Place) => void
  readonly onEdit: () => void
  readonly onRemove: () => void
}

/** Of styles/boards.css: a row with its gap, and the gap of columns. */
const ROW_PX = 38
const GAP_PX = 12
const COLUMNS = 24

const STEPS: Readonly<Record<string, readonly [x: number, y: number]>> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
}

/** Moves and resizes a panel: by dragging, or with the arrow keys (with Shift: its size). */
export function PanelHandles({ panel, onStart, onPlace, onEdit, onRemove }: PanelHandlesProps) {
  const dragRef = useRef<{ x: number; y: number; columnPx: number; place: Place } | null>(null)
  const change = (place: Place, x: number, y: number, isSize: boolean) =>
    onPlace(
      isSize
        ? { ...place, width: Math.min(place.width + x, COLUMNS - place.x), height: place.height + y }
        : { ...place, x: place.x + x, y: place.y + y },
    )
  const handle = (isSize: boolean) => ({
    onPointerDown: (event: React.PointerEvent<HTMLButtonElement>) => {
      const grid = event.currentTarget.closest('.board')
      if (grid === null) return
      event.currentTarget.setPointerCapture(event.pointerId)
      const columnPx = (grid.clientWidth + GAP_PX) / COLUMNS
      const { x, y, width, height } = panel
      dragRef.current = { x: event.clientX, y: event.clientY, columnPx, place: { x, y, width, height } }
      onStart()
    },
    onPointerMove: (event: React.PointerEvent) => {
      const drag = dragRef.current
      if (drag === null) return
      const columns = Math.round((event.clientX - drag.x) / drag.columnPx)
      change(drag.place, columns, Math.round((event.clientY - drag.y) / ROW_PX), isSize)
    },
    onLostPointerCapture: () => {
      dragRef.current = null
    },
    onKeyDown: (event: React.KeyboardEvent) => {
      const step = Object.hasOwn(STEPS, event.key) ? STEPS[event.key] : undefined
      if (step === undefined) return
      event.preventDefault()
      onStart()
      change(panel, step[0], step[1], isSize || event.shiftKey)
    },
  })
  return (
    <div className="panel-handles">
      <button
        type="button"
        className="icon-button panel-move"
        aria-label={`Move ${panel.title}`}
        title="Drag, or arrow keys; with Shift: its size"
        {...handle(false)}
      >
        ✥
      </button>
      <button type="button" className="text-button" aria-label={`Edit ${panel.title}`} onClick={onEdit}>
        Edit
      </button>
      <button
        type="button"
        className="icon-button"
        aria-label={`Remove ${panel.title}`}
        title="Remove"
        onClick={onRemove}
      >
        ×
      </button>
      <button
        type="button"
        className="icon-button panel-resize"
        aria-label={`Resize ${panel.title}`}
        title="Drag, or arrow keys"
        {...handle(true)}
      >
        ⇲
      </button>
    </div>
  )
}
