import { createHash } from 'node:crypto'
import { escapeMarkup } from '../lib/escape-markup.ts'
import { excerpt } from '../lib/excerpt.ts'
import type { RouteAnswer } from './route.ts'

/**
 * What a person sees at a path that leads nowhere: programs get the error's JSON. It needs no other file than the one that says
 * whether the page is light or dark, and looks the same where no web app was built.
 */
export function answerUnknownPage(path: string): RouteAnswer {
  return {
    status: 404,
    contentType: 'text/html; charset=utf-8',
    headers: { 'content-security-policy': CONTENT_SECURITY_POLICY },
    body: `${BEFORE_PATH}${escapeMarkup(excerpt(path, MOST_CHARACTERS))}${BEHIND_PATH}`,
  }
}

/** Whether whoever asks would rather read a page: browsers name HTML, and programs do not. */
export function readsPages(accept: string | undefined): boolean {
  return /(^|,)\s*text\/html\s*(,|$)/i.test(accept ?? '')
}

const MOST_CHARACTERS = 200

/** The colours of the web app (web/src/styles/tokens.css). */
const STYLE = `
html { background: #fbfbfa; color: #4b515c; font: 400 15px/1.55 Inter, ui-sans-serif, system-ui, sans-serif; }
main { max-width: 36em; margin: 18vh auto 0; padding: 0 20px; overflow-wrap: anywhere; }
h1 { margin: 0 0 10px; color: #14171c; font-size: 1.3em; font-weight: 600; }
code { font: 0.93em ui-monospace, Menlo, Consolas, "DejaVu Sans Mono", monospace; }
a { color: #0f766e; }
html[data-theme="dark"] { background: #0c0e11; color: #b3b9c3; color-scheme: dark; }
html[data-theme="dark"] h1 { color: #eceef1; }
html[data-theme="dark"] a { color: #2dd4bf; }
`

/** The style is allowed by what it is, so that nothing else inline is. */
const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "img-src 'self'",
  "script-src 'self'",
  `style-src 'sha256-${createHash('sha256').update(STYLE).digest('base64')}'`,
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ')

const BEFORE_PATH = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>No such page · Kymo</title>
<link rel="icon" type="image/svg+xml" href="/favicon.svg">
<script src="/theme.js"></script>
<style>${STYLE}</style>
<main>
<h1>There is no page at this address</h1>
<p>Kymo has nothing at <code><bdi>`

const BEHIND_PATH = `</bdi></code>: the link may have been cut, or mistyped.</p>
<p><a href="/">All metrics</a> · <a href="/#/boards">Dashboards</a> · <a href="/api/openapi.json">Every route of the API</a></p>
</main>
</html>
`
