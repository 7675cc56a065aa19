// What the page costs in Chromium, with a whole Kymo behind it: bytes and time of its first load, the main thread's time for a flush of a dashboard of
// 20 panels x 10 series x 360 points, and a search among 100,000 series. Each figure stands beside what it may be at most (issue 9), and `toMost` is their ratio.
// Pictures are measured by `bench:graph`. Prints one line of JSON. Run with `npm run bench:page [rounds]`; it checks what is on the page.
import { mkdtempSync, rmSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Browser, CDPSession, Page } from 'playwright-core'
import { CHROMIUM, launchChromium } from '../test/harness/browser.ts'
import { Kymo, SOURCE_COMMAND } from './ingest/kymo-process.ts'

const MOST = { firstLoadBytes: 250 * 1024, homeUsableMs: 1_000, redrawMs: 50, searchMs: 100 }
/** However busy the machine is: that it was slow is what is printed. */
const SLOW_MS = 180_000
const rounds = Number(process.argv[2] ?? 9)
const PANELS = 20
const SERIES_OF_PANEL = 10
const POINTS = 360
const STEP_SECONDS = 10
const TREE = { tops: 100, middles: 10, leaves: 100 }

/** Runs in the page, as text. */
const WATCH_LIST = `window.listed = new Promise((resolve) => {
  let began
  addEventListener('input', () => { began = performance.now() }, { once: true, capture: true })
  const list = document.querySelector('.suggestions')
  new MutationObserver((_, observer) => {
    const found = [...list.querySelectorAll('.suggestion-label')].map((label) => label.innerText)
    if (began === undefined || found.length === 0 || found.some((text) => !text.includes('leaf9'))) return
    observer.disconnect()
    requestAnimationFrame(() => resolve({ ms: performance.now() - began, text: list.innerText }))
  }).observe(list, { childList: true, subtree: true, characterData: true })
}); undefined`

if (CHROMIUM === undefined) {
  process.stderr.write('The page is measured in Chromium, and there is none. Debian has it as "chromium".\n')
  process.exitCode = 69
} else await run()

async function run(): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), 'kymo-bench-'))
  const args = ['--data', join(directory, 'data')]
  const kymo = await Kymo.start({ command: SOURCE_COMMAND, directory, args })
  const browser = await launchChromium()
  try {
    await send(kymo, dashboardLines())
    await saveDashboard(kymo)
    await stored(kymo, PANELS * SERIES_OF_PANEL * POINTS)
    const load = await measureLoad(browser, kymo)
    const redrawMs = await measureRedraw(browser, kymo)
    await send(kymo, treeLines())
    await stored(kymo, PANELS * SERIES_OF_PANEL * POINTS + TREE.tops * TREE.middles * TREE.leaves)
    const searchMs = await measureSearch(browser, kymo)
    const figures = { ...load, redrawMs, searchMs }
    const toMost = Object.entries(MOST).map(([name, most]) => [
      name,
      round(figures[name as keyof typeof MOST] / most),
    ])
    console.log(JSON.stringify({ ...figures, toMost: Object.fromEntries(toMost) }))
  } finally {
    await browser.close()
    await kymo.stop()
    rmSync(directory, { recursive: true, force: true })
  }
}

/** Opened by somebody who was never here: everything on its way to a first graph but what Kymo is asked about its metrics. */
async function measureLoad(
  browser: Browser,
  kymo: Kymo,
): Promise<{ firstLoadBytes: number; homeUsableMs: number }> {
  const loads: { bytes: number; ms: number }[] = []
  for (let i = 0; i < rounds; i++) {
    const context = await browser.newContext()
    const page = await context.newPage()
    const session = await context.newCDPSession(page)
    await session.send('Network.enable')
    const paths = new Map<string, string>()
    let bytes = 0
    session.on('Network.responseReceived', ({ requestId, response }) => {
      paths.set(requestId, new URL(response.url).pathname)
    })
    session.on('Network.loadingFinished', ({ requestId, encodedDataLength }) => {
      if (/^\/(assets\/|theme\.js|favicon|$)/.test(paths.get(requestId) ?? 'none')) bytes += encodedDataLength
    })
    const began = performance.now()
    await page.goto(pageOf(kymo, ''))
    await page.locator('.card canvas').first().waitFor()
    const ms = performance.now() - began
    check((await page.locator('.card').count()) >= 20, 'cards are there')
    check(bytes > 50_000, 'the script was loaded')
    loads.push({ bytes, ms })
    await context.close()
  }
  return {
    firstLoadBytes: median(loads.map(({ bytes }) => bytes)),
    homeUsableMs: median(loads.map(({ ms }) => ms)),
  }
}

/** All that the main thread does from a flush until the page is still again, without what it does in the same time without one. */
async function measureRedraw(browser: Browser, kymo: Kymo): Promise<number> {
  const page = await browser.newPage({ viewport: { width: 1600, height: 1000 } })
  page.setDefaultTimeout(SLOW_MS)
  await page.goto(pageOf(kymo, '#/boards/bench?from=-1h'))
  await page
    .locator('.board-panel canvas')
    .nth(PANELS - 1)
    .waitFor()
  const session = await page.context().newCDPSession(page)
  // CPU time of the thread: another program that wants the processor makes it no longer.
  await session.send('Performance.enable', { timeDomain: 'threadTicks' })
  await page.waitForTimeout(3_000)
  const times: number[] = []
  for (let attempt = 0; times.length < rounds; attempt++) {
    check(attempt < rounds * 3, 'flushes are on the page')
    const idleMs = await busyDuring(session, () => page.waitForTimeout(2_500))
    const shown = await newestRow(page)
    const flushMs = await busyDuring(session, async () => {
      await sendNewest(kymo)
      await kymo.flush()
      await page.waitForTimeout(2_500)
    })
    // A flush that comes within a second of another is shown with the next.
    if ((await newestRow(page)) !== shown) times.push(Math.max(0, flushMs - idleMs))
  }
  await page.close()
  return median(times)
}

/** From the last letter that is typed until what it finds is listed. */
async function measureSearch(browser: Browser, kymo: Kymo): Promise<number> {
  const page = await browser.newPage()
  page.setDefaultTimeout(SLOW_MS)
  await page.goto(pageOf(kymo, '#/explore'))
  const field = page.getByRole('textbox', { name: 'Target 1' })
  await field.waitFor()
  const times: number[] = []
  for (let i = 0; i < rounds; i++) {
    const path = `tree.top${i}.middle${i % TREE.middles}.leaf`
    await field.fill(path)
    await page
      .getByRole('option', { name: `${path}1`, exact: false })
      .first()
      .waitFor()
    await page.evaluate(WATCH_LIST)
    await page.keyboard.type('9')
    const found = await page.evaluate<{ ms: number; text: string }>('window.listed')
    check(found.text.includes(`${path}97`), 'it is found')
    times.push(found.ms)
    await field.fill('')
  }
  await page.close()
  return median(times)
}

async function newestRow(page: Page): Promise<string> {
  return (await page.locator('.board-panel .points tbody tr').first().textContent()) ?? ''
}

async function busyDuring(session: CDPSession, action: () => Promise<unknown>): Promise<number> {
  const before = await taskSeconds(session)
  await action()
  return ((await taskSeconds(session)) - before) * 1000
}

async function taskSeconds(session: CDPSession): Promise<number> {
  const { metrics } = await session.send('Performance.getMetrics')
  const found = metrics.find(({ name }) => name === 'TaskDuration')
  if (found === undefined) throw new Error('Chromium does not say how busy it is')
  return found.value
}

/** Points of an hour up to now, as one that is filled with flushes would have them. */
function dashboardLines(): string {
  const end = Math.floor(Date.now() / 1000 / STEP_SECONDS) * STEP_SECONDS - STEP_SECONDS
  const lines: string[] = []
  for (let point = 0; point < POINTS; point++)
    for (const [place, name] of seriesNames().entries())
      lines.push(`${name} ${valueAt(place, point)} ${end - (POINTS - 1 - point) * STEP_SECONDS}\n`)
  return lines.join('')
}

async function sendNewest(kymo: Kymo): Promise<void> {
  const seconds = Math.floor(Date.now() / 1000)
  await send(
    kymo,
    seriesNames()
      .map((name, place) => `${name} ${valueAt(place, seconds)} ${seconds}\n`)
      .join(''),
  )
}

function seriesNames(): string[] {
  return Array.from({ length: PANELS * SERIES_OF_PANEL }, (_, place) => {
    return `bench.panel${Math.floor(place / SERIES_OF_PANEL)}.host${place % SERIES_OF_PANEL}`
  })
}

function valueAt(place: number, point: number): string {
  return (100 + place + 20 * Math.sin((point + place) / 17)).toFixed(2)
}

function treeLines(): string {
  const seconds = Math.floor(Date.now() / 1000)
  const lines: string[] = []
  for (let top = 0; top < TREE.tops; top++)
    for (let middle = 0; middle < TREE.middles; middle++)
      for (let leaf = 0; leaf < TREE.leaves; leaf++)
        lines.push(`tree.top${top}.middle${middle}.leaf${leaf} 1 ${seconds}\n`)
  return lines.join('')
}

async function saveDashboard(kymo: Kymo): Promise<void> {
  const panels = Array.from({ length: PANELS }, (_, panel) => ({
    title: `Panel ${panel}`,
    x: (panel % 4) * 6,
    y: Math.floor(panel / 4) * 8,
    width: 6,
    height: 8,
    targets: [`bench.panel${panel}.*`],
  }))
  const answer = await fetch(kymo.url('/api/dashboards/bench'), {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ dashboard: { version: 1, title: 'Bench', panels }, revision: null }),
  })
  if (!answer.ok) throw new Error(await answer.text())
}

async function send(kymo: Kymo, lines: string): Promise<void> {
  const socket = connect(kymo.graphitePort, '127.0.0.1')
  await new Promise<void>((resolve, reject) => {
    socket.on('error', reject)
    socket.on('close', () => resolve())
    socket.resume()
    socket.end(lines)
  })
}

async function stored(kymo: Kymo, points: number): Promise<void> {
  for (;;) {
    const { store } = (await (await fetch(kymo.url('/api/status'))).json()) as { store: { points: number } }
    if (store.points >= points) return
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
}

function pageOf(kymo: Kymo, hash: string): string {
  return kymo.url(`/${hash}`)
}

function median(values: readonly number[]): number {
  return round(values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN)
}

function round(value: number): number {
  return Number(value.toPrecision(3))
}

function check(isTrue: boolean, what: string): void {
  if (!isTrue) throw new Error(`not so: ${what}`)
}
