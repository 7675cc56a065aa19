import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { CHROMIUM, launchChromium, WITHOUT_CHROMIUM } from '../harness/browser.ts'
import { cleanUp, KymoProcess, temporaryDirectory, until } from '../harness/kymo.ts'

const FLUSH_INTERVAL_MS = 2_000
// Where the screenshots go: set it to look at them, or to renew the one in the README.
const shots = process.env.KYMO_TEST_SCREENSHOTS ?? temporaryDirectory()

describe.skipIf(CHROMIUM === undefined)(`the page${WITHOUT_CHROMIUM}`, () => {
  let kymo: KymoProcess
  let browser: Browser
  let page: Page
  const complaints: string[] = []

  beforeAll(async () => {
    mkdirSync(shots, { recursive: true })
    kymo = await KymoProcess.start({
      flushInterval: `${FLUSH_INTERVAL_MS}ms`,
      env: {
        KYMO_STATSD_NAMES: 'utf8',
        KYMO_LIMITS_PREFIXES: '[{"prefix": "api", "series": 5}, {"prefix": "web", "series": 5}]',
      },
    })
    browser = await launchChromium()
    page = await browser.newPage({ viewport: { width: 1280, height: 800 } })
    page.on('console', (message) => {
      if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text())
    })
    page.on('pageerror', (error) => complaints.push(String(error)))
    page.on('request', (request) => {
      if (!request.url().startsWith(`http://localhost:${kymo.port('http')}/`))
        complaints.push(`outside request: ${request.url()}`)
    })
    await page.goto(`http://localhost:${kymo.port('http')}/`)
  })
  afterAll(async () => {
    await browser?.close()
    cleanUp()
  })

  test('empty, it says what it listens on and what to send', async () => {
    await page
      .getByText(`127.0.0.1:${kymo.port('statsd')}`, { exact: false })
      .first()
      .waitFor()
    await page.getByText('nc -u -w0', { exact: false }).first().waitFor()
    await page.screenshot({ path: join(shots, 'empty.png') })
  })

  test('packets that are not understood are shown with the reason', async () => {
    await kymo.udp('<img src=x onerror=alert(1)>')
    await page.getByText('<img src=x onerror=alert(1)>').filter({ visible: true }).first().waitFor()
    await page.screenshot({ path: join(shots, 'rejected.png') })
  })

  test('one packet, and within two flushes its graph is on the screen, without a reload', async () => {
    await page.evaluate('window.isTheSamePage = true')
    await kymo.udp('hello:1|c')
    await page
      .getByText('hello', { exact: true })
      .first()
      .waitFor({ timeout: 2 * FLUSH_INTERVAL_MS + 1_500 })
    await page
      .locator('canvas')
      .first()
      .waitFor({ timeout: 2 * FLUSH_INTERVAL_MS + 1_500 })
    await expect
      .poll(() => paintedPixels(page), { timeout: 2 * FLUSH_INTERVAL_MS + 1_500 })
      .toBeGreaterThan(50)
    expect(await page.evaluate('window.isTheSamePage')).toBe(true)
    await page.screenshot({ path: join(shots, 'first-metric.png') })
  })

  test('every type has a graph of its own, and hostile names are text', async () => {
    const hostile = 'a"><script>alert(1)</script>'
    for (let round = 0; round < 3; round++) {
      for (let i = 0; i < 20; i++) {
        await kymo.udp(
          `shop.orders:1|c|#env:prod\nshop.basket:${40 + i}|g\nshop.checkout:${80 + 20 * Math.sin(i)}|ms\nshop.visitors:v${i * (round + 1)}|s`,
        )
      }
      await kymo.tcp(`shop.temperature ${21 + round / 2} -1\n${hostile} 1 -1\n`, 'graphite')
      await new Promise((resolve) => setTimeout(resolve, FLUSH_INTERVAL_MS))
    }
    for (const name of ['orders', 'basket', 'checkout', 'visitors', 'temperature'])
      await page.getByText(name).first().waitFor()
    await page.getByText('<script>', { exact: false }).first().waitFor()
    await expect.poll(() => page.locator('canvas').count(), { timeout: 10_000 }).toBeGreaterThanOrEqual(6)
    await page.screenshot({ path: join(shots, 'all-types.png'), fullPage: true })
    await page.emulateMedia({ colorScheme: 'dark' })
    await page.setViewportSize({ width: 390, height: 844 })
    await page.screenshot({ path: join(shots, 'phone-dark.png') })
  })

  test('who sends more metrics than a limit allows is named, in hostile text too', async () => {
    await page.emulateMedia({ colorScheme: 'light' })
    await page.setViewportSize({ width: 1280, height: 800 })
    const flood = (node: string, count: number) =>
      Array.from({ length: count }, (_, index) => `api.${node}.${index}:1|c`).join('\n')
    const place = async () => (await page.locator('.card').last().boundingBox())?.y
    await kymo.udp(flood('user', 300))
    await kymo.udp(flood('<b onmouseover=alert(1)>', 20))
    await page.getByText('More metrics than allowed below api').waitFor({ timeout: 10_000 })
    await page.getByText('api.__over_limit__', { exact: true }).first().waitFor()
    await page.locator('.notice .offender-name', { hasText: 'api.user' }).waitFor()
    await page.locator('.notice .offender-name', { hasText: '<b' }).waitFor()
    await page.screenshot({ path: join(shots, 'over-limit.png') })
    await page.locator('.loss-short').click()
    await page.screenshot({ path: join(shots, 'over-limit-panel.png') })
    await page.locator('.loss-short').click()
    const covered = await place()
    await page.getByRole('button', { name: 'Hide “More metrics than allowed below api”' }).click()
    await page.getByText('More metrics than allowed below api').waitFor({ state: 'detached' })
    expect(await place()).toBe(covered)
  })

  test('a notice that was hidden hides no other that takes its place', async () => {
    let round = 0
    const flood = async (counts: Record<string, number>) => {
      round++
      const lines = Object.entries(counts).flatMap(([prefix, count]) =>
        Array.from({ length: count }, (_, index) => `${prefix}.a${round}.${index}:1|c`),
      )
      await kymo.udp(lines.join('\n'))
      await new Promise((resolve) => setTimeout(resolve, FLUSH_INTERVAL_MS / 4))
    }
    // That of the test before, while it goes on.
    await until('the other limit is passed by more', async () => {
      await flood({ api: 20, web: 200 })
      return (await page.getByRole('heading', { name: 'More metrics than allowed below web' }).count()) === 1
    })
  })

  test('the browser had nothing to complain about, and no request left this server', () => {
    expect(complaints).toEqual([])
  })
})

/** Pixels of the first chart that something was painted on. */
async function paintedPixels(page: Page): Promise<number> {
  // Text, for it runs in the page, whose types are not those of Node.
  return await page.evaluate<number>(`{
    const canvas = document.querySelector('canvas')
    const pixels = canvas?.getContext('2d')?.getImageData(0, 0, canvas.width, canvas.height).data ?? []
    let painted = 0
    for (let i = 3; i < pixels.length; i += 4) if (pixels[i] > 0) painted++
    painted
  }`)
}
