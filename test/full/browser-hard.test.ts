import { once } from 'node:events'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { CHROMIUM, launchChromium, WITHOUT_CHROMIUM } from '../harness/browser.ts'
import { cleanUp, KymoProcess, until } from '../harness/kymo.ts'

/** Names that are wide, turned round, of more than one code unit, or markup. */
const LONG = `wide.${'n'.repeat(2_000)}`
const HARD = [
  LONG,
  'wide.\u{202e}gnp.exe',
  'wide.مرحبا',
  'wide.👩‍🚀🚀',
  'wide."><svg/onload=alert(1)>',
  "wide.'-alert(1)-'",
  'wide.javascript:alert(1)',
  'wide.{{constructor.constructor(1)()}}',
]

describe.skipIf(CHROMIUM === undefined)(`the pages in hard times${WITHOUT_CHROMIUM}`, () => {
  let kymo: KymoProcess
  let browser: Browser
  let page: Page
  const complaints: string[] = []
  const settings = {
    flushInterval: '1s',
    env: { KYMO_STATSD_NAMES: 'utf8', KYMO_STATSD_NAME_BYTES: '4096' },
  }

  beforeAll(async () => {
    kymo = await KymoProcess.start(settings)
    const send = HARD.map((name) =>
      kymo.udp(`${name.replaceAll(':', '_')}:1|g|#"><script>alert(1)</script>:x`),
    )
    await Promise.all(send)
    await kymo.flush()
    await until('all are listed', async () => {
      const { metrics } = await kymo.json<{ metrics: { key: string }[] }>('/api/metrics')
      return metrics.filter(({ key }) => key.startsWith('wide.')).length === HARD.length
    })
    browser = await launchChromium()
    page = await browser.newPage({ viewport: { width: 390, height: 844 } })
    page.on('pageerror', (error) => complaints.push(String(error)))
    page.on('dialog', (dialog) => {
      complaints.push('a hostile name ran')
      void dialog.dismiss()
    })
  })
  afterAll(async () => {
    await browser?.close()
    cleanUp()
  })

  test.each([
    '#/',
    '#/dashboard/wide',
    '#/explore?t=stats.gauges.wide.*',
    '#/size/stats.gauges.wide',
    '#/incoming',
    '#/status',
  ])('names that are hard to show neither run nor widen %s on a phone', async (hash) => {
    await page.goto('about:blank')
    await page.goto(`http://localhost:${kymo.port('http')}/${hash}`)
    await page.locator('main section, main article').first().waitFor()
    await page.waitForTimeout(1_200)
    expect(await page.evaluate<number>('document.documentElement.scrollWidth')).toBeLessThanOrEqual(390)
    expect(await page.locator('main script, main svg[onload]').count()).toBe(0)
    expect(complaints).toEqual([])
  })

  test('a dashboard has what a thousand newer metrics hide on the first page', async () => {
    const seconds = Math.floor(Date.now() / 1000)
    const crowd = Array.from({ length: 1_500 }, (_, i) => `crowd.n${i} 1 ${seconds}\n`)
    await kymo.tcp(crowd.join(''), 'graphite')
    await until('all are there', async () => {
      return (await kymo.json<{ metricCount: number }>('/api/status')).metricCount > crowd.length
    })
    await page.goto('about:blank')
    await page.goto(`http://localhost:${kymo.port('http')}/#/dashboard/wide`)
    await page.locator('.card', { hasText: 'مرحبا' }).waitFor()
    await page.goto(`http://localhost:${kymo.port('http')}/#/dashboard/nowhere`)
    await page.getByText('No metric was ever seen below', { exact: false }).waitFor()
    // And so has its service, behind that of the crowd.
    await page.goto(`http://localhost:${kymo.port('http')}/`)
    const services = page.getByRole('navigation', { name: 'Services' })
    await services.locator('.service', { hasText: 'crowd' }).getByText('1,500 metrics').waitFor()
    await services.locator('.service', { hasText: 'wide' }).waitFor()
  })

  test('every service can be reached, however many there are', async () => {
    const seconds = Math.floor(Date.now() / 1000)
    const names = Array.from(
      { length: 300 },
      (_, i) => `team${i}.jobs 1 ${seconds}\nteam${i}.queue 2 ${seconds}\n`,
    )
    await kymo.tcp(names.join(''), 'graphite')
    await until('all are there', async () => {
      return (await kymo.json<{ count: number }>('/api/services')).count > names.length
    })
    await page.goto(`http://localhost:${kymo.port('http')}/`)
    const cards = page.getByRole('navigation', { name: 'Services' }).locator('.service')
    const more = page.locator('.services + .more-note').getByRole('button', { name: 'Show more' })
    await expect.poll(() => cards.count()).toBe(24)
    await more.click()
    await expect.poll(() => cards.count()).toBe(192)
    await more.click()
    await cards.filter({ hasText: 'wide' }).waitFor()
    expect(await cards.count()).toBeGreaterThan(300)
    await more.waitFor({ state: 'hidden' })
  })

  test('a search that finds nothing knows a line that was refused among many of its second', async () => {
    await page.goto(`http://localhost:${kymo.port('http')}/?q=refused.n7.`)
    await page.getByText('No metric has “refused.n7.”', { exact: false }).waitFor()
    const hint = page.getByText('refused.n7.calls:many|c was rejected', { exact: false })
    const lines = Array.from({ length: 12 }, (_, i) => `refused.n${i}.calls:many|c`).join('\n')
    await until('it is said', async () => {
      await kymo.udp(lines)
      return (await hint.count()) === 1
    })
  })

  test('a path that is not there is a page that says so, and leads home', async () => {
    const response = await page.goto(`http://localhost:${kymo.port('http')}/nosuch/<script>alert(1)</script>`)
    expect(response?.status()).toBe(404)
    await page.getByRole('heading', { name: 'There is no page at this address' }).waitFor()
    expect(await page.locator('script:not([src])').count()).toBe(0)
    expect(complaints).toEqual([])
    await page.getByRole('link', { name: 'All metrics' }).click()
    await page.getByRole('navigation', { name: 'Services' }).waitFor()
  })

  test('the page allows no script but its own files', async () => {
    const response = await page.goto(`http://localhost:${kymo.port('http')}/`)
    const policy = response?.headers()['content-security-policy'] ?? ''
    expect(policy).toContain("default-src 'self'")
    expect(policy).not.toMatch(/unsafe-eval|script-src[^;]*unsafe-inline/)
    expect(await page.locator('script:not([src])').count()).toBe(0)
  })

  test('a server that goes away is said to be away, and the page goes on when it is back', async () => {
    const port = kymo.port('http')
    // Numbers that take their place in the header.
    await kymo.tcp('refused.calls:many|c\n'.repeat(120_000))
    await page.goto(`http://localhost:${port}/`)
    await page.locator('.connection', { hasText: 'Live' }).waitFor()
    await page.locator('.loss-count', { hasText: /\d{3}\.?\d*k lost/ }).waitFor()
    const place = async () => (await page.locator('.card').first().boundingBox())?.y
    const before = await place()
    kymo.child.kill('SIGTERM')
    await once(kymo.child, 'exit')
    await page.getByText('Kymo does not answer').waitFor()
    expect(await place()).toBe(before)
    // A page whose code was not loaded yet.
    await page.getByRole('link', { name: 'Size', exact: true }).click()
    await page.locator('.connection', { hasText: 'Offline' }).waitFor()
    await page.getByText('Kymo does not answer').waitFor()
    kymo = await KymoProcess.start({ ...settings, data: kymo.data, args: ['--http-port', String(port)] })
    await page.getByRole('region', { name: 'Sizes', exact: true }).waitFor()
    await page.getByText('Kymo does not answer').waitFor({ state: 'hidden' })
    await page.locator('.connection', { hasText: 'Live' }).waitFor()
  })
})
