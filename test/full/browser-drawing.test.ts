import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { CHROMIUM, launchChromium, WITHOUT_CHROMIUM } from '../harness/browser.ts'
import { cleanUp, KymoProcess, until } from '../harness/kymo.ts'

/** A machine may be busy. */
const SHOWN = { timeout: 20_000 }
const STEP_SECONDS = 10
const POINTS = 90
/** Of these points host2 has none. */
const GAP = { from: 30, until: 60 }
const LATE = { point: 45, value: 77.25 }

/** Runs in the page, as text: for each part of the picture from left to right, whether the colour of a series is in it. */
const DRAWN_PARTS = `(() => {
  const poster = document.querySelector('.line-poster')
  const copy = new OffscreenCanvas(poster.width, poster.height)
  const context = copy.getContext('2d')
  context.drawImage(poster, 0, 0)
  const { data } = context.getImageData(0, 0, copy.width, copy.height)
  const parts = Array.from({ length: 30 }, () => false)
  for (let i = 0; i < data.length; i += 4) {
    const [red, green, blue, alpha] = data.subarray(i, i + 4)
    const isColored = Math.max(red, green, blue) - Math.min(red, green, blue) > 60
    if (alpha > 200 && isColored) parts[Math.floor((((i / 4) % copy.width) / copy.width) * 30)] = true
  }
  return parts
})()`

describe.skipIf(CHROMIUM === undefined)(`pictures that are drawn beside the page${WITHOUT_CHROMIUM}`, () => {
  let kymo: KymoProcess
  let browser: Browser
  let page: Page
  let endSeconds: number
  const complaints: string[] = []
  const open = async (hash: string) => {
    await page.goto('about:blank')
    await page.goto(`http://localhost:${kymo.port('http')}/${hash}`)
  }
  const secondsOf = (point: number) => endSeconds - (POINTS - 1 - point) * STEP_SECONDS
  const drawnParts = () => page.evaluate<boolean[]>(DRAWN_PARTS)
  const panel = () => page.getByRole('article', { name: 'Hosts' })

  beforeAll(async () => {
    kymo = await KymoProcess.start({ flushInterval: '1s' })
    endSeconds = Math.floor(Date.now() / 1000 / STEP_SECONDS) * STEP_SECONDS
    const lines = Array.from({ length: POINTS }, (_, point) => [
      `hosts.host1.load ${point} ${secondsOf(point)}`,
      ...(point < GAP.from || point >= GAP.until
        ? [`hosts.host2.load ${100 - point} ${secondsOf(point)}`]
        : []),
    ]).flat()
    await kymo.tcp(`${lines.join('\n')}\n`, 'graphite')
    await until('all is there', async () => (await kymo.values('hosts.host1.load')).length === POINTS)
    const panels = [{ title: 'Hosts', x: 0, y: 0, width: 24, height: 12, targets: ['hosts.*.load'] }]
    await kymo.json('/api/dashboards/hosts', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        dashboard: { version: 1, title: 'Hosts', from: '-15min', panels },
        revision: null,
      }),
    })
    browser = await launchChromium()
    page = await browser.newPage({ viewport: { width: 1280, height: 860 }, deviceScaleFactor: 2 })
    page.on('pageerror', (error) => complaints.push(String(error)))
    page.on('console', (message) => {
      if (message.type() === 'error') complaints.push(message.text())
    })
  })
  afterAll(async () => {
    await browser?.close()
    cleanUp()
  })

  test('lines are drawn where there are points, and a gap is one', async () => {
    await open('#/explore?t=hosts.host1.load&from=-15min')
    await expect.poll(async () => (await drawnParts()).filter(Boolean).length, SHOWN).toBeGreaterThan(24)
    await open('#/explore?t=hosts.host2.load&from=-15min')
    await expect.poll(async () => (await drawnParts()).filter(Boolean).length, SHOWN).toBeGreaterThan(12)
    const [first, last] = [10, 18]
    expect((await drawnParts()).slice(first + 2, last - 2)).not.toContain(true)
    expect((await drawnParts()).slice(last + 3, last + 7)).not.toContain(false)
  })

  test('as sharp as the screen', async () => {
    const { canvas, shown } = await page.evaluate<{ canvas: number; shown: number }>(
      `(({ width, clientWidth }) => ({ canvas: width, shown: clientWidth }))(document.querySelector('.line-poster'))`,
    )
    expect(canvas).toBe(shown * 2)
  })

  test('while somebody points at it, it answers; afterwards it is a picture again', async () => {
    await open('#/boards/hosts')
    await panel().locator('.line-poster').waitFor()
    await expect.poll(async () => (await drawnParts()).some(Boolean), SHOWN).toBe(true)
    const legend = panel().locator('.overlay-legend li').first()
    const newest = await legend.innerText()
    await panel()
      .locator('.line-chart')
      .hover({ position: { x: 400, y: 100 } })
    await expect.poll(() => legend.innerText(), SHOWN).not.toBe(newest)
    expect(await panel().locator('canvas').count()).toBe(2)
    await page.getByText('Held').waitFor()
    await page.mouse.move(5, 5)
    await expect.poll(() => legend.innerText(), SHOWN).toBe(newest)
    await kymo.flush()
    await expect.poll(() => panel().locator('canvas').count(), SHOWN).toBe(1)
    await panel().locator('.line-poster').waitFor()
  })

  test('its values are a table to those who have it read', async () => {
    const session = await page.context().newCDPSession(page)
    const { nodes } = await session.send('Accessibility.getFullAXTree')
    const texts = nodes.map(({ role, name }) => `${role?.value} ${name?.value}`)
    expect(texts).toContain('cell 89')
    expect(texts).toContain('columnheader hosts.host2.load')
    expect(texts.filter((text) => text.startsWith('table The newest 5 values of Hosts'))).toHaveLength(1)
  })

  test('a point that comes late is on it with the next flush', async () => {
    await panel().getByRole('button', { name: 'Table of Hosts' }).click()
    const cell = panel().getByRole('cell', { name: String(LATE.value), exact: true })
    expect(await cell.count()).toBe(0)
    await page.mouse.move(5, 5)
    await kymo.tcp(`hosts.host2.load ${LATE.value} ${secondsOf(LATE.point)}\n`, 'graphite')
    await expect
      .poll(async () => {
        await kymo.flush()
        return await cell.count()
      }, SHOWN)
      .toBe(1)
  })

  test('a panel of timers is in milliseconds, as the automatic page is', async () => {
    const panels = [{ title: 'Times', x: 0, y: 0, width: 24, height: 12, targets: ['stats.timers.*.mean'] }]
    await kymo.json('/api/dashboards/times', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ dashboard: { version: 1, title: 'Times', panels }, revision: null }),
    })
    await kymo.udp('login:25|ms')
    await kymo.flush()
    await until('it is listed', async () => (await kymo.values('stats.timers.login.mean')).length > 0)
    await open('#/boards/times')
    await page
      .getByRole('article', { name: 'Times' })
      .getByText('25\u00a0ms', { exact: true })
      .first()
      .waitFor()
  })

  test('the browser had nothing to complain about', () => {
    expect(complaints).toEqual([])
  })
})
