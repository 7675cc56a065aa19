import { problemOf, readError, renderForm, type RenderedSeries, type RenderRequest } from '../api.ts'
import { valueRange } from '../charts/value-range.ts'
import { statsOf } from '../explore/series-stats.ts'
import type { TimeFormat } from '../time/time-format.ts'
import type { Span } from '../time/time-text.ts'
import type { Dashboard } from './board-api.ts'
import { fillVariables, panelTargets } from './board-variables.ts'

/** A dashboard as it is now: one HTML file that asks nothing of anybody and runs nothing. */
export async function makeSnapshot(
  board: Dashboard,
  values: ReadonlyMap<string, string>,
  span: Span,
  times: TimeFormat,
): Promise<string> {
  const figures: string[] = []
  // One after the other, so that a dashboard of hundreds does not hold up whoever else asks.
  for (const panel of board.panels) {
    const picture = await drawPanel(panelTargets(panel, values), span, times.zone)
    figures.push(
      `<figure><figcaption>${escapeHtml(fillVariables(panel.title, values))}</figcaption>${picture}</figure>`,
    )
  }
  const chosen = [...values].map(([name, value]) => `${name}: ${value}`)
  const range = `${times.date(span.fromSeconds)} – ${times.date(span.untilSeconds)} (${times.zone})`
  const title = escapeHtml(board.title)
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src data:; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title>
<style>
body { margin: 24px; font: 15px/1.5 system-ui, sans-serif; color: #16191d; background: #fff; }
main { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 480px), 1fr)); gap: 20px; }
figure { margin: 0; }
figcaption { font-weight: 600; overflow-wrap: anywhere; }
img { max-width: 100%; }
</style>
</head>
<body>
<h1>${title}</h1>
<p>${escapeHtml([range, ...chosen].join(' · '))}</p>
<main>
${figures.join('\n')}
</main>
</body>
</html>
`
}

/** In an `img`, for what is in a picture can do nothing there. */
async function drawPanel(targets: readonly string[], span: Span, zone: string): Promise<string> {
  if (targets.length === 0) return '<p>No target.</p>'
  const request = {
    targets,
    fromSeconds: Math.floor(span.fromSeconds),
    untilSeconds: Math.ceil(span.untilSeconds),
  }
  const form = renderForm(request)
  for (const [name, value] of [
    ['format', 'svg'],
    ['width', '640'],
    ['height', '320'],
    ['tz', zone],
    ...(await valueAxis(request)),
  ] as const)
    form.set(name, value)
  const response = await fetch('/render', { method: 'POST', body: form })
  if (!response.ok) {
    const error = await readError(response)
    if (response.status >= 500) throw error
    return `<p>${escapeHtml(problemOf(error))}</p>`
  }
  const text = await response.text()
  return `<img alt="" src="data:image/svg+xml;charset=utf-8,${escapeHtml(encodeURIComponent(text))}">`
}

/** As the panel has it: what stands on zero there stands on it here. */
async function valueAxis(request: RenderRequest): Promise<(readonly [string, string])[]> {
  const form = renderForm(request)
  form.set('maxDataPoints', '640')
  const response = await fetch('/render', { method: 'POST', body: form })
  // Why it is refused is said where the picture would be.
  if (!response.ok) return []
  const stats = ((await response.json()) as RenderedSeries[]).map(({ datapoints }) =>
    statsOf(datapoints.map(([value]) => value)),
  )
  const low = stats.reduce((least, { min }) => Math.min(least, min ?? least), Number.POSITIVE_INFINITY)
  const high = stats.reduce((most, { max }) => Math.max(most, max ?? most), Number.NEGATIVE_INFINITY)
  const [bottom] = valueRange(low, high, false)
  return bottom === 0 && high > 0 ? [['yMin', '0']] : []
}

function escapeHtml(text: string): string {
  return text.replaceAll(/[&<>"']/g, (sign) => `&#${sign.codePointAt(0)};`)
}
