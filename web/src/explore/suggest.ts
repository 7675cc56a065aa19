import { type FunctionEntry, findNodes, type MetricEntry } from '../api.ts'
import { mainSeries } from '../main-series.ts'
import { matchesSearch } from '../series-name.ts'
import { targetOf } from '../series-loader.ts'
import type { CaretPlace } from './target-text.ts'

export interface Suggestion {
  readonly kind: 'function' | 'branch' | 'series' | 'metric' | 'option'
  /** What stands in the list. Hostile text. */
  readonly label: string
  readonly note: string
  /** What takes the place of the word, and how far before its end the caret is put. */
  readonly insert: string
  readonly caretBack: number
}

const LIMIT = 12
const METRIC_LIMIT = 5

/** What the word at the caret may become, the likeliest first. */
export async function suggest(
  place: CaretPlace,
  functions: ReadonlyMap<string, FunctionEntry>,
  metrics: readonly MetricEntry[],
  signal: AbortSignal,
): Promise<readonly Suggestion[]> {
  const parameter = parameterAt(place, functions)
  if (parameter?.options !== undefined) return suggestOptions(place, parameter.options)
  if (place.isInText) return []
  const { word } = place
  const nodes = await findNodes(`${word}*`, signal).catch(() => [])
  const paths = nodes.map(({ path, is_leaf: isLeaf }): Suggestion => {
    const isSeries = isLeaf === '1'
    return {
      kind: isSeries ? 'series' : 'branch',
      label: path,
      note: isSeries ? 'series' : '',
      insert: isSeries ? targetOf(path) : `${targetOf(path.replace(/\.$/, ''))}.`,
      caretBack: 0,
    }
  })
  if (word.includes('.')) return paths.slice(0, LIMIT)
  const ofFunctions = suggestFunctions(word, functions)
  const ofMetrics = word.length < 2 ? [] : suggestMetrics(word, metrics)
  return word === ''
    ? [...paths, ...ofFunctions].slice(0, LIMIT)
    : [...ofFunctions.slice(0, LIMIT - 3), ...paths, ...ofMetrics].slice(0, LIMIT + METRIC_LIMIT)
}

/** The parameter that the caret stands in. The last one goes on where it takes several. */
export function parameterAt(
  { call }: CaretPlace,
  functions: ReadonlyMap<string, FunctionEntry>,
): FunctionEntry['params'][number] | undefined {
  if (call === null) return undefined
  const params = functions.get(call.name)?.params ?? []
  const last = params.at(-1)
  return params[call.argument] ?? (last?.multiple === true ? last : undefined)
}

function suggestOptions(
  { word }: CaretPlace,
  options: readonly (string | number | boolean | null)[],
): Suggestion[] {
  const typed = word.replaceAll(/['"]/g, '').toLowerCase()
  return options
    .filter((option) => option !== null && String(option).toLowerCase().startsWith(typed))
    .map((option) => ({
      kind: 'option',
      label: String(option),
      note: '',
      insert: typeof option === 'string' ? `"${option}"` : String(option),
      caretBack: 0,
    }))
}

function suggestFunctions(word: string, functions: ReadonlyMap<string, FunctionEntry>): Suggestion[] {
  const typed = word.toLowerCase()
  const rank = (name: string) => (name.toLowerCase().startsWith(typed) ? 0 : 1)
  return [...functions.values()]
    .filter(({ name }) => name.toLowerCase().includes(typed))
    .toSorted((a, b) => rank(a.name) - rank(b.name) || a.name.length - b.name.length)
    .map(({ name, description }) => ({
      kind: 'function',
      label: name,
      note: firstSentence(description),
      insert: `${name}()`,
      caretBack: 1,
    }))
}

/** The name that was sent leads to the series that are kept of it. */
function suggestMetrics(word: string, metrics: readonly MetricEntry[]): Suggestion[] {
  return metrics
    .filter((metric) => matchesSearch(metric.key, word))
    .slice(0, METRIC_LIMIT)
    .flatMap((metric) => {
      const series = mainSeries(metric)
      return series === undefined
        ? []
        : [
            {
              kind: 'metric' as const,
              label: metric.key,
              note: metric.type,
              insert: targetOf(series),
              caretBack: 0,
            },
          ]
    })
}

export function firstSentence(description: string): string {
  const [first = ''] = description.split(/(?<=\.)\s|\n/)
  return first
}
