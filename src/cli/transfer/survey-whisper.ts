import type { WhisperHeader } from '../../formats/whisper/header.ts'
import { retentionSecondsOf } from '../../formats/whisper/archive.ts'
import type { SeriesKey } from '../../model/series-key.ts'
import type { RuleBook } from '../../store/rules/index.ts'
import { escapeForTerminal } from '../../telemetry/escape-for-terminal.ts'
import { formatCount, Progress } from './progress.ts'
import { openWhisper, readWhisper } from './read-whisper.ts'
import { rulesOf, type TransferContext } from './transfer-context.ts'
import { walkWhisperTree } from './whisper-tree.ts'

/** Reads a tree through and sends nothing: what an import would do, and what the rules of carbon say to the files. */
export function surveyWhisper(context: TransferContext, root: string, nowSeconds: number): number {
  const { stdout, stderr, clock, given } = context
  const { schemas, aggregations } = context.config.store.rules
  const rules = schemas === undefined && aggregations === undefined ? undefined : rulesOf(context)
  const progress = new Progress({ output: stderr, clock, totalBytes: 0 })
  const survey = { series: 0, points: 0, bytes: 0, oldestSeconds: Number.POSITIVE_INFINITY, outdated: 0 }
  const skips = new Map<string, number>()
  const broken = new Map<string, string>()
  const bySection = new Map<string, SectionSurvey>()
  for (const found of walkWhisperTree(root)) {
    if (found.kind === 'skip') {
      skips.set(found.reason, (skips.get(found.reason) ?? 0) + 1)
      continue
    }
    const whisper = openWhisper(found.path)
    if ('problem' in whisper) {
      broken.set(found.place, whisper.problem)
      continue
    }
    let newestSeconds = 0
    for (const { count, seconds } of readWhisper(whisper, nowSeconds)) {
      survey.points += count
      survey.oldestSeconds = Math.min(survey.oldestSeconds, seconds[0] as number)
      newestSeconds = seconds[count - 1] as number
    }
    whisper.close()
    survey.series++
    survey.bytes += whisper.bytes
    const [finest] = whisper.header.archives
    if (finest !== undefined && newestSeconds < nowSeconds - retentionSecondsOf(finest)) survey.outdated++
    if (rules !== undefined) note(bySection, rules, found.key, whisper.header)
    progress.show(survey.bytes, survey.points, () => `${formatCount(survey.series)} files`)
  }
  progress.end()
  const sections = [...bySection].map(([section, counts]) => ({ section, ...counts }))
  const result = {
    ...survey,
    oldestSeconds: survey.points === 0 ? null : survey.oldestSeconds,
    skipped: Object.fromEntries(skips),
    broken: Object.fromEntries([...broken].slice(0, MOST_LISTED)),
    brokenCount: broken.size,
    sections,
  }
  stdout.write(given.has('json') ? `${JSON.stringify(result, null, 2)}\n` : render(result))
  return 0
}

const MOST_LISTED = 20

interface SectionSurvey {
  series: number
  /** Of them, files with other archives than the rule has. */
  otherArchives: number
  otherAggregation: number
}

function note(
  sections: Map<string, SectionSurvey>,
  rules: RuleBook,
  key: SeriesKey,
  header: WhisperHeader,
): void {
  const section = rules.originsFor(key).retentions?.section ?? '(no rule: default)'
  const counts = sections.get(section) ?? { series: 0, otherArchives: 0, otherAggregation: 0 }
  sections.set(section, counts)
  counts.series++
  const wanted = rules
    .retentionsFor(key)
    .map(({ stepSeconds, retentionSeconds }) => `${stepSeconds}:${retentionSeconds}`)
  const own = header.archives.map((archive) => `${archive.stepSeconds}:${retentionSecondsOf(archive)}`)
  if (wanted.join() !== own.join()) counts.otherArchives++
  const { method = header.method, xFilesFactor = header.xFilesFactor } = rules.aggregationFor(key)
  if (method !== header.method || Math.fround(xFilesFactor) !== header.xFilesFactor) counts.otherAggregation++
}

interface SurveyResult {
  readonly series: number
  readonly points: number
  readonly bytes: number
  readonly oldestSeconds: number | null
  readonly outdated: number
  readonly skipped: Readonly<Record<string, number>>
  readonly broken: Readonly<Record<string, string>>
  readonly brokenCount: number
  readonly sections: readonly (SectionSurvey & { readonly section: string })[]
}

function render(survey: SurveyResult): string {
  const { series, points, bytes, oldestSeconds, outdated, skipped, broken, brokenCount, sections } = survey
  const since =
    oldestSeconds === null ? '' : `, the oldest of ${new Date(oldestSeconds * 1_000).toISOString()}`
  const lines = [
    `${formatCount(series)} series, ${formatCount(points)} points in ${formatCount(bytes)} bytes${since}. Nothing was sent.`,
  ]
  if (outdated > 0)
    lines.push(
      `${formatCount(outdated)} series have nothing in the time that their finest archive covers now. If this is an old copy, give --as-of the time it was made.`,
    )
  for (const { section, series: count, otherArchives, otherAggregation } of sections)
    lines.push(
      `[${escapeForTerminal(section)}] ${formatCount(count)} series; in ${formatCount(otherArchives)} files other archives, in ${formatCount(otherAggregation)} another aggregation than the rules say`,
    )
  for (const [reason, count] of Object.entries(skipped))
    lines.push(`left alone: ${formatCount(count)}, ${escapeForTerminal(reason)}`)
  for (const [place, problem] of Object.entries(broken))
    lines.push(`broken: ${escapeForTerminal(place)}: ${escapeForTerminal(problem)}`)
  if (brokenCount > MOST_LISTED) lines.push(`broken: ${formatCount(brokenCount - MOST_LISTED)} more`)
  return `${lines.join('\n')}\n`
}
