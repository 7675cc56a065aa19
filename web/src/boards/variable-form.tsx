import type { Dashboard } from './board-api.ts'

type Variable = Dashboard['variables'][number]

export interface VariableFormProps {
  readonly variables: readonly Variable[]
  readonly onChange: (variables: Variable[]) => void
}

const MAX_VARIABLES = 20

/** The variables of a dashboard: what each is called, and what it may be. */
export function VariableForm({ variables, onChange }: VariableFormProps) {
  const change = (index: number, part: Partial<Variable>) =>
    onChange(variables.map((one, i) => (i === index ? { ...one, ...part } : one)))
  return (
    <section className="board-form" aria-label="Variables">
      {variables.map(({ name, query, choices }, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a variable is where it stands.
        <div key={index} className="save-form" role="group" aria-label={`Variable ${index + 1}`}>
          <label>
            Variable{' '}
            <input value={name} onChange={(event) => change(index, { name: wordOf(event.target.value) })} />
          </label>
          <label>
            Query{' '}
            <input
              value={query}
              maxLength={2_000}
              placeholder="servers.*"
              onChange={(event) => change(index, { query: event.target.value })}
            />
          </label>
          {query === '' && (
            <label>
              or choices, with commas{' '}
              <input
                key={choices.join(',')}
                defaultValue={choices.join(', ')}
                onBlur={(event) => {
                  const list = choicesOf(event.target.value)
                  change(index, { choices: list, value: list[0] ?? '*' })
                }}
              />
            </label>
          )}
          <button
            type="button"
            className="icon-button"
            aria-label={`Remove variable ${index + 1}`}
            title="Remove"
            onClick={() => onChange(variables.filter((_, i) => i !== index))}
          >
            ×
          </button>
        </div>
      ))}
      {variables.length < MAX_VARIABLES && (
        <button
          type="button"
          className="text-button"
          onClick={() =>
            onChange([
              ...variables,
              { name: `variable${variables.length + 1}`, query: '', choices: [], value: '*' },
            ])
          }
        >
          Add a variable
        </button>
      )}
    </section>
  )
}

/** As targets can name it: `$host`. */
function wordOf(text: string): string {
  return text
    .replaceAll(/[^A-Za-z0-9_]/g, '_')
    .replace(/^\d/, '_')
    .slice(0, 50)
}

function choicesOf(text: string): string[] {
  const list = text.split(',').map((choice) => choice.trim().slice(0, 500))
  return [...new Set(list.filter((choice) => choice !== ''))].slice(0, 500)
}
