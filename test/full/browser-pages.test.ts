import { mkdirSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { CHROMIUM, launchChromium, WITHOUT_CHROMIUM } from '../harness/browser.ts'
import { cleanUp, KymoProcess, temporaryDirectory, until } from '../harness/kymo.ts'

/** Lines are asked for once a second. */
const LINES_SHOWN = { timeout: 10_000, interval: 200 }
const shots = process.env.KYMO_TEST_SCREENSHOTS ?? temporaryDirectory()
const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
const HOSTILE = '<img src=x onerror=alert(1)>'

describe.skipIf(CHROMIUM === undefined)(`the pages${WITHOUT_CHROMIUM}`, () => {
  let kymo: KymoProcess
  let browser: Browser
  let page: Page
  const complaints: string[] = []
  const seriesTable = () => page.getByRole('table', { name: 'Series on the chart' })
  const open = async (hash: string) => {
    await page.goto('about:blank')
    await page.goto(`http://localhost:${kymo.port('http')}/${hash}`)
  }

  beforeAll(async () => {
    mkdirSync(shots, { recursive: true })
    kymo = await KymoProcess.start({ flushInterval: '1s', env: { KYMO_STATSD_NAMES: 'utf8' } })
    for (let round = 0; round < 4; round++) {
      await kymo.udp(
        `shop.orders:3|c\nshop.checkout:${80 + round}|ms\nshop.visitors:v${round}|s\nshop.basket:${40 + round}|g`,
      )
      await kymo.udp(`hosts.web1.cpu:${30 + round}|g\nhosts.web2.cpu:${50 + round}|g\n${HOSTILE}.x:1|g`)
      await kymo.flush()
      await new Promise((resolve) => setTimeout(resolve, 1_000))
    }
    await kymo.json('/events', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ what: HOSTILE, tags: 'deploy' }),
    })
    await until('all is listed', async () => {
      return (await kymo.json<{ metrics: unknown[] }>('/api/metrics')).metrics.length >= 7
    })
    browser = await launchChromium()
    page = await browser.newPage({ viewport: { width: 1280, height: 860 } })
    page.on('console', (message) => {
      const isAnswer = message.text().includes('status of 400')
      if ((message.type() === 'error' || message.type() === 'warning') && !isAnswer)
        complaints.push(message.text())
    })
    page.on('pageerror', (error) => complaints.push(String(error)))
    page.on('dialog', (dialog) => {
      complaints.push('a hostile name ran')
      void dialog.dismiss()
    })
    page.on('request', (request) => {
      const isOurs = request.url().startsWith(`http://localhost:${kymo.port('http')}/`)
      if (!isOurs && request.url() !== 'about:blank') complaints.push(`outside request: ${request.url()}`)
    })
  })
  afterAll(async () => {
    await browser?.close()
    cleanUp()
  })

  test('explore: typed, completed and drawn by keys alone, and the link carries it', async () => {
    await open('#/explore')
    const field = page.getByRole('textbox', { name: 'Target 1' })
    await field.focus()
    await page.keyboard.type('sumSer')
    await page.getByRole('option', { name: 'sumSeries', exact: false }).first().waitFor()
    await page.keyboard.press('Tab')
    await page.keyboard.type('stats.gauges.hosts.web')
    await page.getByRole('option', { name: 'stats.gauges.hosts.web1', exact: false }).first().waitFor()
    await page.keyboard.press('Escape')
    await page.keyboard.type('*.cpu')
    await page.locator('.function-help', { hasText: 'sumSeries(*seriesLists)' }).waitFor()
    await page.keyboard.press('Escape')
    await page.keyboard.press('Enter')
    await page.locator('.line-chart canvas').waitFor()
    const row = seriesTable().getByRole('row', { name: 'sumSeries(stats.gauges.hosts.web*.cpu)' })
    await expect.poll(() => row.innerText()).toContain('86')
    const address = page.url()
    await page.goto('about:blank')
    await page.goto(address)
    await seriesTable().getByRole('row', { name: 'sumSeries(stats.gauges.hosts.web*.cpu)' }).waitFor()
    await page.screenshot({ path: join(shots, 'explore.png') })
  })

  test('explore: many completions are scrolled through by keys, and how many more there are is said', async () => {
    const seconds = Math.floor(Date.now() / 1000)
    const lines = Array.from({ length: 63 }, (_, i) => `many.node${100 + i} 1 ${seconds}\n`)
    await kymo.tcp(lines.join(''), 'graphite')
    await until('all are there', async () => (await kymo.render('many.*')).length === lines.length)
    await open('#/explore')
    await page.getByRole('textbox', { name: 'Target 1' }).pressSequentially('many.')
    await expect.poll(() => page.locator('.suggestion').count(), { timeout: 10_000 }).toBe(50)
    await page.getByText('13 more: go on typing to find them.').waitFor()
    await page.keyboard.press('PageDown')
    await page.keyboard.press('PageDown')
    await page.keyboard.press('ArrowDown')
    await page.getByRole('option', { name: 'many.node119', selected: true }).waitFor()
    for (let i = 0; i < 5; i++) await page.keyboard.press('PageDown')
    const last = page.getByRole('option', { name: 'many.node149', selected: true })
    await last.waitFor()
    const note = await page.locator('.suggestions-more').boundingBox()
    const row = await last.boundingBox()
    expect((row?.y ?? 0) + (row?.height ?? 0)).toBeLessThan((note?.y ?? 0) + 1)
    await page.keyboard.press('Tab')
    expect(await page.getByRole('textbox', { name: 'Target 1' }).inputValue()).toBe('many.node149')
  })

  test('explore: a mistake is marked in its target, and the other is drawn', async () => {
    await open(
      `#/explore?t=${encodeURIComponent('sumSerie(a.b)')}&t=${encodeURIComponent('stats.gauges.*.x')}`,
    )
    await page.getByText('did you mean "sumSeries"', { exact: false }).waitFor()
    expect(await page.locator('.part-wrong').innerText()).toBe('sumSerie')
    await page.getByRole('row').getByText('<img', { exact: false }).first().waitFor()
  })

  test('events are flags, and what they stand for is text', async () => {
    await open('#/explore?t=stats.gauges.shop.basket')
    await page.getByRole('list', { name: 'Events' }).getByText(HOSTILE).waitFor()
  })

  test('explore: no data says why, and leads to what there is', async () => {
    await open('#/explore?t=shop.order')
    await page.getByText('No series was ever seen under').waitFor()
    await page.getByRole('button', { name: 'stats.counters.shop.orders.rate' }).click()
    await seriesTable().getByRole('row', { name: 'stats.counters.shop.orders.rate' }).waitFor()
    const target = encodeURIComponent('stats.gauges.shop.basket')
    await open(`#/explore?t=${target}&from=-2d&until=-1d`)
    await page.getByText('has points, but none in this range', { exact: false }).waitFor()
    await page.getByRole('button', { name: 'Show that time' }).click()
    await page.getByRole('img', { name: /^Graph of/ }).waitFor()
  })

  test('explore: no data says that a point came for another time, and is not kept', async () => {
    await kymo.tcp(`ahead.sender 5 ${Math.floor(Date.now() / 1000) + 10_800}\n`, 'graphite')
    await open('#/explore?t=ahead.*')
    await page.getByText('3 h later, and was not kept', { exact: false }).waitFor()
  })

  test('explore: no data says that the lines were rejected, and who sent them', async () => {
    await open('#/explore?t=shop.carts')
    await page.getByText('No series was ever seen under').waitFor()
    // Of a packet that has several of them, not only the last is known.
    await expect
      .poll(async () => {
        await kymo.udp('shop.carts:many|c\nanother line\nand another')
        return await page.getByText('its lines were rejected', { exact: false }).count()
      }, LINES_SHOWN)
      .toBe(1)
    await page.locator('.no-data', { hasText: 'From 127.0.0.1:' }).waitFor()
    await page.screenshot({ path: join(shots, 'no-data.png') })
  })

  test('dashboard: an empty card says when its metric was seen, and leads there', async () => {
    await open('#/dashboard/shop?from=-2d&until=-1d')
    const card = page.getByRole('article', { name: 'shop.basket' })
    await card.getByText('No point in this range. First seen', { exact: false }).waitFor()
    await page.screenshot({ path: join(shots, 'dashboard-empty.png') })
    await card.getByRole('button', { name: 'Show that time' }).click()
    await card.locator('canvas').waitFor()
    await open('#/dashboard/hosts?from=-2d&until=-1d')
    const several = page.getByRole('article', { name: 'hosts.*.cpu' })
    await several.getByText('No point in this range. First seen', { exact: false }).waitFor()
    await several.getByRole('button', { name: 'Show that time' }).click()
    await several.getByRole('img', { name: /^Graph of/ }).waitFor()
  })

  test('first page: flags, and a time that is chosen there goes along', async () => {
    await open('')
    await page.getByRole('list', { name: 'Events' }).getByText(HOSTILE).waitFor()
    await page.getByRole('button', { name: '6h', exact: true }).click()
    await expect.poll(() => page.url()).toContain('#/?from=-6h')
    await page.getByRole('navigation', { name: 'Services' }).getByText('shop', { exact: true }).click()
    await expect.poll(() => page.url()).toContain('#/dashboard/shop?from=-6h')
    await page.getByRole('navigation', { name: 'Pages' }).getByRole('link', { name: 'Metrics' }).click()
    await expect.poll(() => page.url()).toContain('#/?from=-6h')
    const chart = page.locator('.card canvas').first()
    await chart.waitFor()
    await chart.scrollIntoViewIfNeeded()
    const box = (await chart.boundingBox()) ?? { x: 0, y: 0 }
    await page.mouse.move(box.x + 120, box.y + 60)
    await page.mouse.down()
    await page.mouse.move(box.x + 240, box.y + 60, { steps: 4 })
    await page.mouse.up()
    await expect.poll(() => page.url()).toMatch(/#\/\?from=\d+&until=\d+/)
    await page.keyboard.press('l')
    await expect.poll(() => page.url()).not.toContain('from=')
  })

  test('an address that no page has says so', async () => {
    await open('#/nowhere')
    await page.getByText('There is no page at this address').waitFor()
    await page.getByRole('link', { name: 'All metrics' }).click()
    await page.getByRole('navigation', { name: 'Services' }).waitFor()
  })

  test('dashboard: from the first page by a click, one picture by type, zoomed by dragging and undone', async () => {
    await open('')
    const services = page.getByRole('navigation', { name: 'Services' })
    await services.getByRole('link', { name: '<img' }).waitFor()
    await services.locator('.service', { hasText: 'shop' }).locator('path').first().waitFor()
    await page.screenshot({ path: join(shots, 'home.png') })
    await services.getByText('shop', { exact: true }).click()
    for (const name of ['orders', 'checkout', 'visitors', 'basket'])
      await page.getByRole('article', { name: `shop.${name}` }).waitFor()
    const types = await page.locator('.card-type').allInnerTexts()
    expect(types).toEqual(['counter', 'timer', 'set', 'gauge'])
    const chart = page.locator('.card canvas').first()
    await chart.waitFor()
    const box = (await chart.boundingBox()) ?? { x: 0, y: 0 }
    await page.mouse.move(box.x + 120, box.y + 60)
    await page.mouse.down()
    await page.mouse.move(box.x + 240, box.y + 60, { steps: 4 })
    await page.mouse.up()
    await expect.poll(() => page.url()).toMatch(/from=\d+&until=\d+/)
    await page.mouse.move(5, 5)
    await page.goBack()
    await expect.poll(() => page.url()).not.toContain('from=')
    await open('#/dashboard/hosts')
    await page.getByRole('article', { name: 'hosts.*.cpu' }).locator('canvas').waitFor()
    await page.screenshot({ path: join(shots, 'dashboard.png') })
  })

  test('time: typed in Graphite’s grammar, and what is no time is said', async () => {
    await open('#/dashboard/shop')
    await page.getByRole('article', { name: 'shop.orders' }).waitFor()
    await page.keyboard.press('t')
    await page.getByRole('textbox', { name: 'From' }).fill('yesterday')
    await page.keyboard.press('Enter')
    await expect.poll(() => page.url()).toContain('from=yesterday')
    await page.keyboard.press('t')
    await page.getByRole('textbox', { name: 'From' }).fill('foo')
    await page.keyboard.press('Enter')
    await page.getByRole('alert').getByText('is not a time', { exact: false }).waitFor()
    await page.keyboard.press('l')
    await expect.poll(() => page.url()).not.toContain('from=')
  })

  test('incoming and status: a refused line with its sender, and parts that add up to 100 %', async () => {
    await open('#/incoming')
    await page.getByText('lines accepted').waitFor()
    await kymo.udp(`bad ${HOSTILE}`)
    const rejected = page.getByRole('region', { name: 'Rejected lines' })
    await rejected.locator('li', { hasText: `bad ${HOSTILE}` }).waitFor()
    await rejected.locator('li', { hasText: '127.0.0.1:' }).first().waitFor()
    const lines = page.getByRole('region', { name: 'Lines', exact: true })
    await expect
      .poll(async () => {
        await kymo.udp(`shop.tail:1|c\nbad ${HOSTILE}`)
        return await lines.locator('.tail-metric', { hasText: 'shop.tail' }).count()
      }, LINES_SHOWN)
      .toBeGreaterThan(0)
    await lines
      .locator('.tail-rejected', { hasText: `bad ${HOSTILE}` })
      .first()
      .waitFor()
    await page.screenshot({ path: join(shots, 'incoming-lines.png'), fullPage: true })
    await lines.getByRole('searchbox', { name: 'Filter lines' }).fill('shop.tail:1')
    await expect.poll(() => lines.locator('.tail-rejected').count(), LINES_SHOWN).toBe(0)
    await lines.getByRole('button', { name: 'Pause' }).click()
    const pausedCount = await lines.locator('li').count()
    await kymo.udp('shop.tail:1|c')
    await page.waitForTimeout(2_500)
    expect(await lines.locator('li').count()).toBe(pausedCount)
    await lines.getByRole('link', { name: 'shop.tail' }).first().click()
    await expect.poll(() => page.url()).toContain('#/explore')
    await open('#/status')
    const shares = page.locator('.shares').first()
    await shares.getByText('accepted', { exact: true }).waitFor()
    const percents = (await shares.locator('dd').allInnerTexts()).filter((text) => text.endsWith('%'))
    const tenths = percents.reduce((sum, text) => sum + Math.round(Number.parseFloat(text) * 10), 0)
    expect(tenths).toBe(1000)
    await page.screenshot({ path: join(shots, 'status.png'), fullPage: true })
  })

  test('size: from the first nodes down to a series, and from there to its graph', async () => {
    await open('#/size')
    const table = page.getByRole('table')
    await table.getByRole('link', { name: 'stats', exact: true }).click()
    await table.getByRole('link', { name: 'gauges', exact: true }).click()
    await table.getByRole('link', { name: '<img', exact: false }).waitFor()
    await page.screenshot({ path: join(shots, 'size.png') })
    await table.getByRole('link', { name: 'shop', exact: true }).click()
    await expect.poll(() => page.url()).toContain('#/size/stats.gauges.shop')
    await page.getByRole('button', { name: 'by series' }).click()
    await table.getByRole('link', { name: 'basket', exact: true }).click()
    await seriesTable().getByRole('row', { name: 'stats.gauges.shop.basket' }).waitFor()
  })

  test.each([
    [1280, 860],
    [390, 844],
    [2560, 1440],
  ])('nothing jumps while a page of %i x %i comes up', async (width, height) => {
    const still = await browser.newPage({ viewport: { width, height } })
    await still.addInitScript(
      `window.shifts = 0; new PerformanceObserver((list) => { for (const { value } of list.getEntries()) window.shifts += value }).observe({ type: 'layout-shift', buffered: true })`,
    )
    const paths = [
      '',
      'dashboard/hosts',
      'explore?t=stats.gauges.hosts.*.cpu',
      'size',
      'incoming',
      'status',
      'boards',
    ]
    const jumped: string[] = []
    for (const path of paths) {
      await still.goto('about:blank')
      await still.goto(`http://localhost:${kymo.port('http')}/#/${path}`)
      await still.locator('.connection', { hasText: 'Live' }).waitFor()
      await still.waitForTimeout(2_500)
      // One legend that moves by the height of its graph is more; numbers whose width changes stay far below.
      const shifts = Number(await still.evaluate('window.shifts'))
      if (shifts > 0.01) jumped.push(`${path}: ${shifts}`)
    }
    await still.close()
    expect(jumped).toEqual([])
  })

  test('keys: Ctrl+K finds, ? tells', async () => {
    await page.keyboard.press('Control+k')
    await page.keyboard.type('web1')
    await page.keyboard.press('Enter')
    await expect.poll(() => page.url()).toContain('#/dashboard/hosts.web1')
    await page.getByRole('dialog', { name: 'Find' }).waitFor({ state: 'hidden' })
    await page.keyboard.press('?')
    await page.getByRole('dialog', { name: 'Keys' }).getByText('Zoom out').waitFor()
    await page.keyboard.press('Escape')
  })

  test.each([
    ['#/explore?t=stats.gauges.*.*.cpu', 'explore'],
    ['#/dashboard/shop', 'dashboard'],
    ['#/incoming', 'incoming'],
    ['#/size/stats', 'size'],
    ['#/status', 'status'],
  ])('%s fits a phone, in the dark', async (hash, name) => {
    await page.emulateMedia({ colorScheme: 'dark' })
    await page.setViewportSize({ width: 390, height: 844 })
    await open(hash)
    await page.locator('main section, main article').first().waitFor()
    expect(await page.evaluate<number>('document.documentElement.scrollWidth')).toBeLessThanOrEqual(390)
    await page.screenshot({ path: join(shots, `${name}-phone-dark.png`) })
  })

  test.each([
    '#/',
    '#/explore?t=stats.gauges.*.*.cpu',
    '#/dashboard/shop',
    '#/incoming',
    '#/size',
    '#/status',
    '#/nowhere',
  ])('axe finds nothing to mend in %s, light and dark', async (hash) => {
    await page.setViewportSize({ width: 1280, height: 860 })
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme })
      await open(hash)
      await page.locator('main section, main article').first().waitFor()
      if (hash === '#/incoming') await page.locator('.tail-metric').first().waitFor()
      // Evaluated from outside, for the page's policy lets no script in.
      await page.evaluate(AXE)
      const found = await page.evaluate<string[]>(
        `axe.run().then(({ violations }) => violations.flatMap(({ id, nodes }) => nodes.map(({ target, failureSummary }) => id + ' ' + target + ' ' + failureSummary)))`,
      )
      expect(found, colorScheme).toEqual([])
    }
  })

  test('the browser had nothing to complain about, and no request left this server', () => {
    expect(complaints).toEqual([])
  })
})
