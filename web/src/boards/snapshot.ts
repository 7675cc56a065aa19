import { problemOf, readError, renderForm } from '../api.ts'
import type { Span } from '../time/time-text.ts'
import type { Dashboard } from './board-api.ts'
import { fillVariables, panelTargets } from './board-variables.ts'

/** A dashboard as it is now: one HTML file that asks nothing of anybody and runs nothing. */
export async function makeSnapshot(
  board: Dashboard,
  values: ReadonlyMap<string, string>,
  span: Span,
): Promise<string> {
  const figures: string[] = []
  // One after the other, so that a dashboard of hundreds does not hold up whoever else asks.
  for (const panel of board.panels) {
    const picture = await drawPanel(panelTargets(panel, values), span)
    figures.push(
      `<figure><figcaption>${escapeHtml(fillVariables(panel.title, values))}</figcaption>${picture}</figure>`,
    )
  }
  const chosen = [...values].map(([name, value]) => `${name}: ${value}`)
  const range = `${timeOf(span.fromSeconds)} – ${timeOf(span.untilSeconds)}`
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
async function drawPanel(targets: readonly string[], span: Span): Promise<string> {
  if (targets.length === 0) return '<p>No target.</p>'
  const form = renderForm({
    targets,
    fromSeconds: Math.floor(span.fromSeconds),
    untilSeconds: Math.ceil(span.untilSeconds),
  })
  for (const [name, value] of [
    ['format', 'svg'],
    ['width', '640'],
    ['height', '320'],
    ['template', 'plain'],
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

function timeOf(seconds: number): string {
  return new Date(seconds * 1_000).toISOString().replace(/\.\d+Z$/, 'Z')
}

function escapeHtml(text: string): string {
  return text.replaceAll(/[&<>"']/g, (sign) => `&#${sign.codePointAt(0)};`)
}
