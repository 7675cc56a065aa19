import type { FamilySeries, MetricFamily } from '../../model/metric-family.ts'
import { formatNumber } from './format-number.ts'

// What a scrape gets, in the text format 0.0.4, or in OpenMetrics 1.0, which differs in a few places:
//
//   # HELP api_hits Sent by StatsD.         # HELP api_hits Sent by StatsD.
//   # TYPE api_hits counter                 # TYPE api_hits counter
//   api_hits{code="200"} 7                  api_hits_total{code="200"} 7
//                                           # EOF

export type TextDialect = 'text' | 'openmetrics'

const PIECE_CHARACTERS = 65_536
const TEXT = new TextEncoder()

/** In pieces, each with memory of its own; a series is in one piece whole. */
export function* encodeFamilies(
  families: Iterable<MetricFamily>,
  dialect: TextDialect,
): Generator<Uint8Array<ArrayBuffer>> {
  const names = new Set<string>()
  let text = ''
  for (const family of families) {
    const name = dialect === 'openmetrics' ? openMetricsName(family) : family.name
    const isNamedAlready = names.has(name)
    names.add(name)
    // Of two counters a and a_total, OpenMetrics makes one: the later is sent without its type.
    if (!isNamedAlready) text += metadataOf(family, name, dialect)
    const sampleName =
      dialect === 'openmetrics' && family.type === 'counter' && !isNamedAlready
        ? `${name}_total`
        : family.name
    for (const series of family.series) {
      text += linesOf(sampleName, series, dialect)
      if (text.length < PIECE_CHARACTERS) continue
      yield TEXT.encode(text)
      text = ''
    }
  }
  if (dialect === 'openmetrics') text += '# EOF\n'
  if (text !== '') yield TEXT.encode(text)
}

function openMetricsName({ name, type }: MetricFamily): string {
  return type === 'counter' && name.length > '_total'.length && name.endsWith('_total')
    ? name.slice(0, -'_total'.length)
    : name
}

function metadataOf({ type, help }: MetricFamily, name: string, dialect: TextDialect): string {
  const shownType = dialect === 'openmetrics' && type === 'untyped' ? 'unknown' : type
  const helpLine = help === '' ? '' : `# HELP ${name} ${escapeHelp(help, dialect)}\n`
  return `${helpLine}# TYPE ${name} ${shownType}\n`
}

/** Most metrics have the same help. */
let knownHelp: { readonly help: string; readonly dialect: TextDialect; readonly escaped: string } | undefined

function escapeHelp(help: string, dialect: TextDialect): string {
  if (knownHelp?.help !== help || knownHelp.dialect !== dialect)
    knownHelp = { help, dialect, escaped: escapeAnew(help, dialect) }
  return knownHelp.escaped
}

function escapeAnew(help: string, dialect: TextDialect): string {
  const escaped = help.replaceAll('\\', '\\\\').replaceAll('\n', '\\n')
  return dialect === 'openmetrics' ? escaped.replaceAll('"', '\\"') : escaped
}

function linesOf(name: string, series: FamilySeries, dialect: TextDialect): string {
  const { labelsText, summary, histogram } = series
  // The branch that nearly all take.
  if (summary === undefined && histogram === undefined)
    return line(name, labelsText, series.value ?? Number.NaN)
  const edge = (value: number): string => {
    const text = formatNumber(value)
    return dialect === 'openmetrics' && /^-?[0-9]+$/.test(text) ? `${text}.0` : text
  }
  const withLabel = (label: string): string => (labelsText === '' ? label : `${labelsText},${label}`)
  let text = ''
  for (const { quantile, value } of summary?.quantiles ?? [])
    text += line(name, withLabel(`quantile="${edge(quantile)}"`), value)
  if (histogram !== undefined) {
    let count = 0
    for (const [index, upper] of [...histogram.edges, Number.POSITIVE_INFINITY].entries()) {
      count += histogram.counts[index] ?? 0
      text += line(`${name}_bucket`, withLabel(`le="${edge(upper)}"`), count)
    }
  }
  const { sum, count } = summary ?? histogram ?? { sum: 0, count: 0 }
  return `${text}${line(`${name}_sum`, labelsText, sum)}${line(`${name}_count`, labelsText, count)}`
}

function line(name: string, labelsText: string, value: number): string {
  const number = formatNumber(value)
  return labelsText === '' ? `${name} ${number}\n` : `${name}{${labelsText}} ${number}\n`
}
