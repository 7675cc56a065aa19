import type { FunctionEntry } from '../api.ts'
import { firstSentence, parameterAt } from './suggest.ts'
import type { CaretPlace } from './target-text.ts'

/** What the function around the caret takes, with the parameter that is typed. */
export function FunctionHelp(props: {
  readonly place: CaretPlace
  readonly functions: ReadonlyMap<string, FunctionEntry>
}) {
  const { place, functions } = props
  const entry = functions.get(place.call?.name ?? '')
  if (entry === undefined) return null
  const current = parameterAt(place, functions)
  return (
    <p className="function-help">
      <code>
        {entry.name}(
        {entry.params.map((parameter, index) => (
          <span key={parameter.name}>
            {index > 0 && ', '}
            <span className={parameter === current ? 'param param-current' : 'param'}>
              {parameter.multiple === true && '*'}
              {parameter.name}
              {parameter.default !== undefined && `=${String(parameter.default)}`}
            </span>
          </span>
        ))}
        )
      </code>{' '}
      <span>
        {current !== undefined && `${current.type}${current.required === true ? '' : ', optional'}. `}
        {firstSentence(entry.description)}
      </span>
    </p>
  )
}
