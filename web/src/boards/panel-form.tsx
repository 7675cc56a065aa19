import { useEffect, useState } from 'react'
import { type FunctionEntry, fetchFunctions, type MetricEntry } from '../api.ts'
import { TargetEditor } from '../explore/target-editor.tsx'
import type { Panel } from './board-api.ts'

export interface PanelFormProps {
  readonly panel: Panel
  readonly metrics: readonly MetricEntry[]
  readonly onChange: (change: Partial<Panel>) => void
  readonly onClose: () => void
}

/** Title, drawing and targets of one panel. */
export function PanelForm({ panel, metrics, onChange, onClose }: PanelFormProps) {
  const [functions, setFunctions] = useState<ReadonlyMap<string, FunctionEntry>>(new Map())
  useEffect(() => void fetchFunctions().then(setFunctions, () => undefined), [])
  const targets = panel.targets.length === 0 ? [''] : panel.targets
  return (
    <section className="board-form" aria-label="Panel">
      <div className="save-form">
        <label>
          Title{' '}
          <input
            maxLength={500}
            value={panel.title}
            onChange={(event) => onChange({ title: event.target.value })}
          />
        </label>
        <label className="board-variable">
          Drawn as
          <select
            value={panel.draw}
            onChange={(event) => onChange({ draw: event.target.value === 'stacked' ? 'stacked' : 'lines' })}
          >
            <option value="lines">lines</option>
            <option value="stacked">stacked areas</option>
          </select>
        </label>
        <button type="button" className="button" onClick={onClose}>
          Done
        </button>
      </div>
      {targets.map((target, index) => (
        <TargetEditor
          // biome-ignore lint/suspicious/noArrayIndexKey: a target is where it stands.
          key={index}
          value={target}
          index={index}
          functions={functions}
          metrics={metrics}
          problem={null}
          onRun={(text) => onChange({ targets: targets.map((one, i) => (i === index ? text : one)) })}
          onAdd={() => onChange({ targets: [...targets, ''] })}
          onRemove={
            targets.length > 1
              ? () => onChange({ targets: targets.filter((_, i) => i !== index) })
              : undefined
          }
        />
      ))}
    </section>
  )
}
