import { FLAGS } from './flags.ts'
import { emptyTree, type Layer, pathId, setAt } from './layer.ts'
import { nearestWord } from '../lib/nearest-word.ts'
import { type Option, readText } from './option-table.ts'
import { type Problem, quote } from './problem.ts'
import type { ReadFile } from './read-file.ts'
import { readTextFile } from './read-file.ts'
import type { Source } from './source.ts'

export type Environment = Readonly<Record<string, string | undefined>>

const PREFIX = 'KYMO_'
const FROM_FILE = '_FILE'
const MOST_VALUE_BYTES = 64 * 1024

/** Variables that begin so are of Kymo's own tests. */
const OF_TESTS = 'KYMO_TEST_'

/**
 * The variable of an option: named after its flag if it has one that takes a value or switches it on, else after its
 * key. `--data` is KYMO_DATA, `query.max_series` is KYMO_QUERY_MAX_SERIES.
 */
export function variableOf(option: Option): string {
  const flag = FLAGS.find(({ key, sets }) => key === option.key && sets !== false)
  return PREFIX + (flag?.name ?? option.key).replace(/[-.]/g, '_').toUpperCase()
}

/**
 * What the environment says. `KYMO_X_FILE` names a file that holds the value of `KYMO_X`. An empty variable says nothing.
 * Any other variable with our prefix is a problem, except those that Kubernetes makes from the names of services.
 */
export function readEnvironment(
  environment: Environment,
  options: Iterable<Option>,
  readFile: ReadFile,
): { readonly layer: Layer; readonly problems: readonly Problem[] } {
  const input = emptyTree()
  const values = new Map<string, Source>()
  const problems: Problem[] = []
  const byVariable = new Map([...options].map((option) => [variableOf(option), option]))
  const report = (variable: string, text: string): void => {
    problems.push({ source: { kind: 'environment', variable }, key: '', text })
  }

  for (const [variable, value] of Object.entries(environment).toSorted(byName)) {
    if (!variable.startsWith(PREFIX) || value === undefined || value === '') continue
    if (variable.startsWith(OF_TESTS) || isMadeByKubernetes(variable, value)) continue

    const isFromFile = !byVariable.has(variable) && variable.endsWith(FROM_FILE)
    const base = isFromFile ? variable.slice(0, -FROM_FILE.length) : variable
    const option = byVariable.get(base)
    if (option === undefined) {
      report(variable, `is not a variable of Kymo${suggestVariable(base, byVariable)}`)
      continue
    }
    if (isFromFile && (environment[base] ?? '') !== '') {
      report(variable, `is given together with ${base}; keep one of them`)
      continue
    }
    const text = isFromFile ? readTextFile(readFile, value, MOST_VALUE_BYTES) : { text: value }
    if ('reason' in text) {
      report(variable, `names the file ${quote(value)}, which cannot be read: ${text.reason}`)
      continue
    }
    setAt(input, option.path, readText(option.node, isFromFile ? text.text.replace(/\r?\n$/, '') : text.text))
    values.set(pathId(option.path), { kind: 'environment', variable })
  }
  return { layer: { input, values }, problems }
}

/**
 * A pod is given variables about every service of its namespace. Beside a service named `kymo` or `kymo-http` these are
 * KYMO_SERVICE_HOST, KYMO_PORT_8125_UDP_ADDR, even KYMO_HTTP_PORT=tcp://10.0.0.1:8080.
 */
function isMadeByKubernetes(variable: string, value: string): boolean {
  if (/_SERVICE_(HOST|PORT)(_\w+)?$/.test(variable)) return true
  if (/_PORT_[0-9]+_(TCP|UDP|SCTP)(_(PROTO|PORT|ADDR))?$/.test(variable)) return true
  return variable.endsWith('_PORT') && /^(tcp|udp|sctp):\/\//.test(value)
}

/** The variable that was likely meant; those named after a flag are found by their key as well. */
function suggestVariable(variable: string, byVariable: ReadonlyMap<string, Option>): string {
  const candidates = new Map<string, string>()
  for (const [name, option] of byVariable) {
    candidates.set(name, name)
    candidates.set(PREFIX + option.path.join('_').toUpperCase(), name)
  }
  const words = new Map([...candidates].map(([word, name]) => [word.slice(PREFIX.length), name]))
  const nearest = nearestWord(variable.slice(PREFIX.length), words.keys())
  return nearest === undefined ? '' : `; did you mean ${words.get(nearest)}?`
}

function byName([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number {
  return a < b ? -1 : a > b ? 1 : 0
}
