// Draws the pages for docs/guide: `npm run screenshots`. A shop of four services with an hour behind it is sent to a Kymo of its own; then
// Chromium opens each page, in the light and in the dark.
import { join } from 'node:path'
import { CHROMIUM, launchChromium } from '../test/harness/browser.ts'
import { cleanUp, KymoProcess, until } from '../test/harness/kymo.ts'

const folder = join(import.meta.dirname, '..', 'docs', 'guide', 'pages')
const SERVICES = ['billing', 'mail', 'search', 'shop']
/** What a timer's other statistics are to its median. */
const OF_MEDIAN: Readonly<Record<string, number>> = { lower: 0.4, mean: 1.1, upper_90: 1.7, upper: 2.3 }
const HOSTS = ['web1', 'web2', 'web3']
const PAGES = {
  metrics: '',
  dashboard: '#/dashboard/shop',
  service: `#/dashboard/${encodeURIComponent(';service=checkout')}`,
  explore: `#/explore?t=${encodeURIComponent('aliasByNode(movingAverage(stats.counters.shop.*.requests.rate,"2min"),3)')}&t=${encodeURIComponent('alias(sumSeries(stats.counters.shop.*.requests.rate),"all of them")')}`,
  saved: '#/boards/shop',
  incoming: '#/incoming',
  size: '#/size/stats',
  status: '#/status',
}

if (CHROMIUM === undefined) {
  process.stderr.write('The pages are drawn by Chromium, and there is none. Debian has it as "chromium".\n')
  process.exitCode = 69
} else {
  try {
    await drawAll()
  } finally {
    cleanUp()
  }
}

async function drawAll(): Promise<void> {
  const kymo = await KymoProcess.start({ flushInterval: '10s' })
  await kymo.udp(lines())
  await until('all is flushed', async () => {
    return (await kymo.json<{ metrics: unknown[] }>('/api/metrics')).metrics.length >= SERVICES.length * 10
  })
  await sendHistory(kymo)
  await save(kymo)
  const browser = await launchChromium()
  const traffic = setInterval(() => void kymo.udp(lines()), 500)
  for (const [name, hash] of Object.entries(PAGES))
    for (const colorScheme of ['light', 'dark'] as const) {
      const page = await browser.newPage({ viewport: { width: 1280, height: 800 }, colorScheme })
      await page.goto(`http://localhost:${kymo.port('http')}/${hash}`)
      await page.locator('main section, main article').first().waitFor()
      // The sizes are asked for again after ten seconds, and then tell rates.
      await page.waitForTimeout(name === 'size' ? 13_000 : 3_500)
      await page.screenshot({ path: join(folder, `${name}-${colorScheme}.png`) })
      await page.close()
    }
  clearInterval(traffic)
  await browser.close()
  await kymo.end()
}

/** What half a second brings: of each service counters, timers, gauges and a set, and a line that is refused. */
function lines(): string {
  const sent = SERVICES.flatMap((service) => [
    ...HOSTS.flatMap((host) => [
      `${service}.${host}.requests:6|c`,
      ...[26, 60, 62, 101, 130].map((latencyMs) => `${service}.${host}.latency:${latencyMs}|ms`),
      `${service}.${host}.memory:9e8|g`,
    ]),
    ...Array.from({ length: 40 }, (_, visitor) => `${service}.visitors:${visitor}|s`),
  ])
  const tagged = ['checkout', 'catalog'].flatMap((service) =>
    ['prod', 'staging'].flatMap((environment) => [
      `http.requests:4|c|#service:${service},env:${environment}`,
      `http.latency:74|ms|#service:${service},env:${environment}`,
      `queue.depth:12|g|#service:${service},env:${environment}`,
    ]),
  )
  return [...sent, ...tagged, 'shop.web1.requests:many|c'].join('\n')
}

/** An hour of points for every series there is: what a flush has made is known by its name, and stays of its type. */
async function sendHistory(kymo: KymoProcess): Promise<void> {
  const keys = await kymo.json<string[]>('/metrics/index.json')
  const endSeconds = Math.floor(Date.now() / 10_000) * 10
  for (const [place, key] of keys.filter((one) => one.startsWith('stats.')).entries()) {
    const body: string[] = []
    for (let seconds = endSeconds - 3_600; seconds <= endSeconds; seconds += 10)
      body.push(`${key} ${valueOf(key, place, seconds).toFixed(key.includes('.sets.') ? 0 : 2)} ${seconds}`)
    const sent = await fetch(kymo.url('/api/write/graphite'), { method: 'POST', body: body.join('\n') })
    if (!sent.ok) throw new Error(await sent.text())
  }
}

/** A slow wave, a quick one, and noise that is the same each time. */
function valueOf(key: string, place: number, seconds: number): number {
  const hash = Math.imul(place * 7_919 + seconds, 2_654_435_761) >>> 8
  const wave =
    1 + 0.3 * Math.sin(seconds / 700 + place / 9) + 0.1 * Math.sin(seconds / 90 + place) + (hash % 100) / 700
  const name = key.replace(/;.*/, '')
  const last = name.slice(name.lastIndexOf('.') + 1)
  if (last === 'memory') return 9e8 * wave
  if (last === 'depth') return 12 * wave
  if (last === 'visitors' || key.includes('.sets.')) return 40 * wave
  if (last === 'rate') return 12 * wave
  if (key.includes('.timers.') && last !== 'count') return 60 * (OF_MEDIAN[last] ?? 1) * wave
  return 120 * wave
}

async function save(kymo: KymoProcess): Promise<void> {
  const panel = (title: string, target: string, x: number, y: number) => ({
    title,
    x,
    y,
    width: 12,
    height: 9,
    targets: [target],
  })
  const dashboard = {
    version: 1,
    title: 'The shop at a glance',
    variables: [{ name: 'host', query: 'stats.gauges.shop.*', value: '*' }],
    panels: [
      panel('Requests', 'aliasByNode(stats.counters.shop.$host.requests.rate,3)', 0, 0),
      panel('Latency, 90 %', 'aliasByNode(stats.timers.shop.$host.latency.upper_90,3)', 12, 0),
      panel('Memory', 'aliasByNode(stats.gauges.shop.$host.memory,3)', 0, 9),
      panel('Visitors', 'alias(stats.sets.shop.visitors.count,"visitors")', 12, 9),
    ],
  }
  const answer = await fetch(kymo.url('/api/dashboards/shop'), {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ dashboard, revision: null }),
  })
  if (!answer.ok) throw new Error(await answer.text())
}
