import { MAX_TARGETS } from './dashboard.ts'
import { isObject, type JsonObject, type NotTaken, objectsOf, textOf } from './import-report.ts'

const MAX_TARGET_LENGTH = 20_000

/** The targets of a panel that are Graphite's and that can be drawn; what others there are is reported. */
export function takeTargets(
  panel: JsonObject,
  context: { readonly where: string; readonly names: ReadonlySet<string>; readonly notTaken: NotTaken[] },
): string[] {
  const { where, names, notTaken } = context
  const all = objectsOf(panel.targets)
  const byLetter = new Map(
    all.map((target) => [textOf(target.refId, 10), textOf(target.target, MAX_TARGET_LENGTH)]),
  )
  const taken: string[] = []
  for (const target of all) {
    const what = `target ${textOf(target.refId, 10) || all.indexOf(target) + 1}`
    const result = takeTarget(target, panel, byLetter, names)
    if ('why' in result) notTaken.push({ where, what, why: result.why })
    else if (taken.length === MAX_TARGETS)
      notTaken.push({ where, what, why: `a panel has at most ${MAX_TARGETS}` })
    else taken.push(result.text)
  }
  return taken
}

function takeTarget(
  target: JsonObject,
  panel: JsonObject,
  byLetter: ReadonlyMap<string, string>,
  names: ReadonlySet<string>,
): { text: string } | { why: string } {
  const source = sourceType(target.datasource) ?? sourceType(panel.datasource)
  if (source !== undefined && source !== 'graphite')
    return { why: `its data source is "${source}", not Graphite` }
  const full = textOf(target.targetFull, MAX_TARGET_LENGTH) || textOf(target.target, MAX_TARGET_LENGTH)
  if (full === '') return { why: 'it has no text of Graphite’s' }
  if (target.hide === true) return { why: 'it is hidden there' }
  let text = full
  for (let depth = 0; /#[A-Z]/.test(text); depth++) {
    text = text.replace(/#([A-Z])/g, (_, letter: string) => byLetter.get(letter) ?? '')
    if (depth > 20 || text.length > MAX_TARGET_LENGTH) return { why: 'it refers to others without an end' }
  }
  text = plainVariables(text)
  const unknown = [...text.matchAll(/\$\{?(\w+)/g)]
    .map(([, name = '']) => name)
    .find((name) => !names.has(name))
  return unknown === undefined
    ? { text }
    : { why: `it needs the variable "${unknown.slice(0, 50)}", which was not taken` }
}

/** `[[name]]` and `${name:format}` are ways of writing `${name}`. */
export function plainVariables(text: string): string {
  return text.replace(/\[\[(\w+)(?::\w+)?\]\]/g, '${$1}').replace(/\$\{(\w+)(?::[^}]*)\}/g, '${$1}')
}

/** Old dashboards give the data source by its name, which says nothing. */
function sourceType(value: unknown): string | undefined {
  return isObject(value) && typeof value.type === 'string' ? value.type.slice(0, 100) : undefined
}
