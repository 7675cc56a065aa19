import { MAX_VARIABLES, type Variable } from './dashboard.ts'
import { plainVariables } from './import-grafana-targets.ts'
import { type JsonObject, type NotTaken, objectOf, objectsOf, textOf } from './import-report.ts'

/** Variables that are found by a pattern of names, or whose values are written down. */
export function takeVariables(source: JsonObject, notTaken: NotTaken[]): Variable[] {
  const taken: Variable[] = []
  for (const entry of objectsOf(objectOf(source.templating).list)) {
    const where = `variable "${textOf(entry.name, 50)}"`
    const result = takeVariable(entry)
    if ('why' in result) notTaken.push({ where, what: 'the variable', why: result.why })
    else if (taken.length === MAX_VARIABLES)
      notTaken.push({ where, what: 'the variable', why: `a dashboard has at most ${MAX_VARIABLES}` })
    else taken.push(result.variable)
  }
  return taken
}

function takeVariable(entry: JsonObject): { variable: Variable } | { why: string } {
  const name = textOf(entry.name, 100)
  if (!/^[A-Za-z_][A-Za-z0-9_]{0,49}$/.test(name)) return { why: 'its name is none for a variable' }
  const type = textOf(entry.type, 50)
  const value = valueOf(entry)
  if (type === 'query') {
    const { query = entry.query, target = query } = objectOf(entry.query)
    const text = plainVariables(textOf(target, 2_000))
    if (text === '' || /[()]/.test(text)) return { why: 'only patterns of names are taken as its query' }
    return { variable: { name, query: text, choices: [], value } }
  }
  if (type === 'custom' || type === 'constant' || type === 'interval') {
    const choices = textOf(entry.query, 20_000)
      .split(',')
      .map((choice) => choice.trim().slice(0, 500))
      .filter((choice) => choice !== '')
      .slice(0, 500)
    return { variable: { name, query: '', choices, value: value === '*' ? (choices[0] ?? '*') : value } }
  }
  return { why: `there is no variable of type "${type}"` }
}

/** Several at once are written as Graphite has it: `{a,b}`. */
function valueOf(entry: JsonObject): string {
  const { value } = objectOf(entry.current)
  const values = (Array.isArray(value) ? (value as unknown[]) : [value]).filter(
    (one): one is string => typeof one === 'string' && one !== '',
  )
  const [first] = values
  if (first === undefined || values.includes('$__all')) return '*'
  return (values.length === 1 ? first : `{${values.join(',')}}`).slice(0, 2_000)
}
