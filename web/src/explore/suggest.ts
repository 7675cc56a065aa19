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

export interface Suggestions {
  readonly list: readonly Suggestion[]
  /** How many there are that are not in the list. */
  readonly moreCount: number
}

const LIMIT = 50
/** So many functions come before the paths; the rest of them comes behind. */
const FIRST_FUNCTIONS = 9
const METRIC_LIMIT = 5

/** What the word at the caret may become, the likeliest first. */
export async function suggest(
  place: CaretPlace,
  functions: ReadonlyMap<string, FunctionEntry>,
  metrics: readonly MetricEntry[],
  signal: AbortSignal,
): Promise<Suggestions> {
  const parameter = parameterAt(place, functions)
  if (parameter?.options !== undefined) return firstOf(suggestOptions(place, parameter.options))
  if (place.isInText) return firstOf([])
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
  if (word.includes('.')) return firstOf(paths)
  const ofFunctions = suggestFunctions(word, functions)
  const ofMetrics = word.length < 2 ? [] : suggestMetrics(word, metrics)
  if (word === '') return firstOf([...paths, ...ofFunctions])
  const first = ofFunctions.slice(0, FIRST_FUNCTIONS)
  return firstOf([...first, ...paths, ...ofMetrics, ...ofFunctions.slice(FIRST_FUNCTIONS)])
}

function firstOf(all: readonly Suggestion[]): Suggestions {
  return { list: all.slice(0, LIMIT), moreCount: Math.max(0, all.length - LIMIT) }
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
