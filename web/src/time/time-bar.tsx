import { useEffect, useState } from 'react'
import { formatSpan } from '../format.ts'
import { useLive } from '../live-context.ts'
import type { Navigate } from '../route.ts'
import { pan, PRESETS, type TimeText, zoomOut } from './time-text.ts'
import type { TimeFormat } from './time-format.ts'
import { useTimes } from './times.ts'
import type { ShownSpan } from './use-span.ts'
import { ZonePicker } from './zone-picker.tsx'

export interface TimeBarProps {
  readonly time: TimeText
  readonly span: ShownSpan
  /** The pointer is over a chart: nothing moves under it. */
  readonly isHeld: boolean
  readonly onChange: Navigate
}

/** Which stretch of time: presets, what is typed, a step to either side, further out. */
export function TimeBar({ time, span, isHeld, onChange }: TimeBarProps) {
  const [isOpen, setOpen] = useState(false)
  const times = useTimes()
  const preset = time.until === '' ? PRESETS.find(({ from }) => from === time.from) : undefined
  return (
    <div className="time-bar">
      <div className="time-presets" role="group" aria-label="Time range">
        {PRESETS.map(({ label, from }) => (
          <button
            key={label}
            type="button"
            className="time-preset"
            aria-pressed={preset?.label === label}
            onClick={() => onChange({ from, until: '' })}
          >
            {label}
          </button>
        ))}
      </div>
      <div className="time-steps">
        <IconButton
          label="Earlier  ["
          path="m10 3-5 5 5 5"
          onClick={() => onChange(pan(span, -1, span.nowSeconds))}
        />
        <button
          type="button"
          className="time-shown"
          aria-expanded={isOpen}
          title="Type a time range  (t)"
          data-key="t"
          onClick={() => setOpen(!isOpen)}
        >
          {describe(span, times)}
        </button>
        <IconButton
          label="Later  ]"
          path="m6 3 5 5-5 5"
          onClick={() => onChange(pan(span, 1, span.nowSeconds))}
        />
        <IconButton
          label="Zoom out  -"
          path="M3 8h10"
          onClick={() => onChange(zoomOut(span, span.nowSeconds))}
        />
        <ZonePicker onChange={onChange} />
        <LiveSign span={span} isHeld={isHeld} onLive={() => onChange({ from: '', until: '' })} />
      </div>
      {isOpen && <TypedRange time={time} onDone={() => setOpen(false)} onChange={onChange} />}
      {span.problem !== null && (
        <p className="time-problem" role="alert">
          {span.problem}
        </p>
      )}
    </div>
  )
}

function describe({ fromSeconds, untilSeconds, isLive }: ShownSpan, times: TimeFormat): string {
  const length = formatSpan(untilSeconds - fromSeconds)
  if (isLive) return `Last ${length}`
  return times.between(fromSeconds, untilSeconds)
}

function LiveSign({ span, isHeld, onLive }: { span: ShownSpan; isHeld: boolean; onLive: () => void }) {
  const isAway = useLive().connection === 'offline'
  if (span.isLive && isAway) {
    return (
      <span className="live-sign live-away" role="status">
        Offline
      </span>
    )
  }
  if (span.isLive) {
    return (
      <span className={isHeld ? 'live-sign live-held' : 'live-sign'} role="status">
        {isHeld ? 'Held' : 'Live'}
      </span>
    )
  }
  return (
    <button type="button" className="live-sign live-off" title="Back to now  (l)" onClick={onLive}>
      To now
    </button>
  )
}

function TypedRange({ time, onDone, onChange }: { time: TimeText; onDone: () => void; onChange: Navigate }) {
  const [from, setFrom] = useState(time.from)
  const [until, setUntil] = useState(time.until)
  useEffect(() => {
    setFrom(time.from)
    setUntil(time.until)
  }, [time.from, time.until])
  return (
    <form
      className="time-typed"
      onSubmit={(event) => {
        event.preventDefault()
        onChange({ from: from.trim(), until: until.trim() })
        onDone()
      }}
      onKeyDown={(event) => {
        if (event.key === 'Escape') onDone()
      }}
    >
      <label>
        From
        <input
          // biome-ignore lint/a11y/noAutofocus: it was opened to be typed in.
          autoFocus
          value={from}
          placeholder="-1h"
          spellCheck={false}
          autoComplete="off"
          onChange={(event) => setFrom(event.target.value)}
        />
      </label>
      <label>
        Until
        <input
          value={until}
          placeholder="now"
          spellCheck={false}
          autoComplete="off"
          onChange={(event) => setUntil(event.target.value)}
        />
      </label>
      <button type="submit" className="button">
        Show
      </button>
      <p className="time-hint">
        Such as <code>-90min</code>, <code>yesterday</code>, <code>noon_20260131</code>,{' '}
        <code>04:00_20260131</code>, <code>midnight+2h</code> or epoch seconds.
      </p>
    </form>
  )
}

function IconButton({ label, path, onClick }: { label: string; path: string; onClick: () => void }) {
  const [name = '', key = ''] = label.split('  ')
  return (
    <button
      type="button"
      className="icon-button"
      title={`${name}  (${key})`}
      aria-label={name}
      aria-keyshortcuts={key}
      onClick={onClick}
    >
      <svg viewBox="0 0 16 16" aria-hidden="true">
        <path
          d={path}
          fill="none"
          stroke="currentColor"
          strokeWidth="1.6"
          strokeLinecap="round"
          strokeLinejoin="round"
        />
      </svg>
    </button>
  )
}
