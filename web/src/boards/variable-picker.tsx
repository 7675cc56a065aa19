import { useEffect, useState } from 'react'
import { findNodes } from '../api.ts'
import { showHidden } from '../series-name.ts'
import type { Dashboard } from './board-api.ts'
import { fillVariables } from './board-variables.ts'

interface VariablePickerProps {
  readonly variable: Dashboard['variables'][number]
  readonly values: ReadonlyMap<string, string>
  readonly onChoose: (value: string) => void
}

const MAX_CHOICES = 500

export interface VariablePickersProps {
  readonly variables: Dashboard['variables']
  readonly values: ReadonlyMap<string, string>
  readonly onChoose: (name: string, value: string) => void
}

/** All variables of a dashboard. */
export function VariablePickers({ variables, values, onChoose }: VariablePickersProps) {
  if (variables.length === 0) return null
  return (
    <div className="board-variables" role="group" aria-label="Values">
      {variables.map((variable, index) => (
        <VariablePicker
          // biome-ignore lint/suspicious/noArrayIndexKey: while they are changed, two may have one name.
          key={index}
          variable={variable}
          values={values}
          onChoose={(value) => onChoose(variable.name, value)}
        />
      ))}
    </div>
  )
}

/** One variable and what it may be: all, what its query finds, or what the file lists. */
function VariablePicker({ variable, values, onChoose }: VariablePickerProps) {
  const { name, query, choices } = variable
  const [found, setFound] = useState<readonly string[]>([])
  const pattern = query === '' ? '' : fillVariables(query, values)
  const value = values.get(name) ?? variable.value

  useEffect(() => {
    setFound([])
    if (pattern === '') return
    const controller = new AbortController()
    // Where nothing can be found, what is chosen already can still be seen and kept.
    findNodes(pattern, controller.signal).then(
      (nodes) => setFound(nodes.map(({ path }) => path.replace(/\.$/, '').replace(/^.*\./, ''))),
      () => undefined,
    )
    return () => controller.abort()
  }, [pattern])

  const options = [...new Set([value, ...(query === '' ? choices : ['*', ...found])])].slice(0, MAX_CHOICES)
  return (
    <label className="board-variable">
      {name}
      <select value={value} onChange={(event) => onChoose(event.target.value)}>
        {options.map((option) => (
          <option key={option} value={option}>
            {option === '*' ? 'all' : showHidden(option)}
          </option>
        ))}
      </select>
    </label>
  )
}
