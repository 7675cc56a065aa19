import { RANGES, type Range } from '../time-range.ts'

export interface RangePickerProps {
  readonly range: Range
  readonly onChange: (range: Range) => void
}

export function RangePicker({ range, onChange }: RangePickerProps) {
  return (
    <fieldset className="range-picker">
      <legend className="visually-hidden">Time range</legend>
      {RANGES.map((choice) => (
        <label
          key={choice}
          className="range-choice"
          title={choice === 'auto' ? 'Since the first data, at most one hour' : `The last ${choice}`}
        >
          <input
            type="radio"
            name="range"
            className="visually-hidden"
            checked={choice === range}
            onChange={() => onChange(choice)}
          />
          <span>{choice === 'auto' ? 'Auto' : choice}</span>
        </label>
      ))}
    </fieldset>
  )
}
