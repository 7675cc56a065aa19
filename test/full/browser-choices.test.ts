import type { Browser, BrowserContext, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { CHROMIUM, launchChromium, WITHOUT_CHROMIUM } from '../harness/browser.ts'
import { cleanUp, KymoProcess, until } from '../harness/kymo.ts'

/** Of a day in summer, at noon: half past five in the afternoon in India, and in no other of the zones asked for. */
const NOON_SECONDS = Date.UTC(2026, 5, 15, 12) / 1000
const AROUND_NOON = `from=${NOON_SECONDS - 1800}&until=${NOON_SECONDS + 1800}`

/** A machine may be busy. */
const SHOWN = { timeout: 15_000 }

describe.skipIf(CHROMIUM === undefined)(`what a visitor chooses${WITHOUT_CHROMIUM}`, () => {
  let kymo: KymoProcess
  let browser: Browser
  let context: BrowserContext
  let page: Page
  const open = async (hash: string) => {
    await page.goto('about:blank')
    await page.goto(`http://localhost:${kymo.port('http')}/${hash}`)
  }
  const themeOf = () => page.evaluate<string>('document.documentElement.dataset.theme')
  const background = () => page.evaluate<string>('getComputedStyle(document.documentElement).backgroundColor')

  beforeAll(async () => {
    kymo = await KymoProcess.start({ flushInterval: '1s', env: { TZ: 'America/St_Johns' } })
    const points = Array.from(
      { length: 60 },
      (_, i) => `room.warmth ${20 + i} ${NOON_SECONDS - 1770 + i * 60}`,
    )
    await kymo.tcp(`${points.join('\n')}\n`, 'graphite')
    await until('it is listed', async () => {
      const { metrics } = await kymo.json<{ metrics: { key: string }[] }>('/api/metrics')
      return metrics.some(({ key }) => key === 'room.warmth')
    })
    browser = await launchChromium()
  })
  afterAll(async () => {
    await browser?.close()
    cleanUp()
  })
  beforeEach(async () => {
    context = await browser.newContext({ timezoneId: 'UTC', colorScheme: 'light' })
    page = await context.newPage()
  })
  afterEach(() => context.close())

  test('a zone: of the link, of the bar, and remembered by the browser', async () => {
    await open(`#/explore?t=room.warmth&${AROUND_NOON}`)
    const shown = page.locator('.time-shown')
    await expect.poll(() => shown.innerText(), SHOWN).toContain('Jun 15 11:30:00')
    await page.getByRole('combobox', { name: 'Time zone' }).selectOption('Asia/Kolkata')
    await expect.poll(() => shown.innerText(), SHOWN).toContain('Jun 15 17:00:00')
    expect(page.url()).toContain('tz=Asia%2FKolkata')
    await page.getByRole('link', { name: 'Metrics' }).first().click()
    await expect.poll(() => page.url(), SHOWN).toContain('tz=Asia%2FKolkata')
    await open(`#/explore?t=room.warmth&${AROUND_NOON}`)
    await expect.poll(() => shown.innerText(), SHOWN).toContain('17:00:00')
    await open(`#/explore?t=room.warmth&tz=server&${AROUND_NOON}`)
    await expect.poll(() => shown.innerText(), SHOWN).toContain('09:00:00')
    await open(`#/explore?t=room.warmth&tz=Nowhere/Land&${AROUND_NOON}`)
    await expect.poll(() => shown.innerText(), SHOWN).toContain('11:30:00')
  })

  test('a zone: what is typed is read in it', async () => {
    await open('#/explore?t=room.warmth&tz=Asia/Kolkata&from=17:00_20260615&until=18:00_20260615')
    await page.locator('.line-chart canvas').waitFor()
    await expect.poll(() => page.locator('.time-shown').innerText(), SHOWN).toContain('Jun 15 17:00:00')
    await open('#/explore?t=room.warmth&tz=UTC&from=17:00_20260615&until=18:00_20260615')
    await page.getByText('has points, but none in this range', { exact: false }).waitFor()
  })

  test('colours: by the button and by a key, and remembered before the first paint', async () => {
    await open('#/status')
    await page.getByRole('button', { name: 'Colours: as the system' }).waitFor()
    const light = await background()
    await page.keyboard.press('d')
    await page.getByRole('button', { name: 'Colours: light' }).click()
    await expect.poll(themeOf, SHOWN).toBe('dark')
    expect(await background()).not.toBe(light)
    await page.route('**/assets/*.js', (route) => route.abort())
    await open('#/status')
    expect(await themeOf()).toBe('dark')
    await page.unroute('**/assets/*.js')
    await open('#/status')
    await page.getByRole('button', { name: 'Colours: dark' }).click()
    await page.getByRole('button', { name: 'Colours: as the system' }).waitFor()
    await page.emulateMedia({ colorScheme: 'dark' })
    await expect.poll(themeOf, SHOWN).toBe('dark')
    await page.emulateMedia({ colorScheme: 'light' })
    await expect.poll(themeOf, SHOWN).toBe('light')
  })
})
