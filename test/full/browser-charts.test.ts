import { readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { CHROMIUM, launchChromium, WITHOUT_CHROMIUM } from '../harness/browser.ts'
import { cleanUp, KymoProcess, temporaryDirectory, until } from '../harness/kymo.ts'

const shots = process.env.KYMO_TEST_SCREENSHOTS ?? temporaryDirectory()
const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
const HOSTILE = '<img src=x onerror=alert(1)>'

/** A machine may be busy. */
const SHOWN = { timeout: 15_000 }

describe.skipIf(CHROMIUM === undefined)(`charts, services and sizes${WITHOUT_CHROMIUM}`, () => {
  let kymo: KymoProcess
  let browser: Browser
  let page: Page
  const complaints: string[] = []
  const open = async (hash: string) => {
    await page.goto('about:blank')
    await page.goto(`http://localhost:${kymo.port('http')}/${hash}`)
  }
  /** Evaluated from outside, for the page's policy lets no script in. */
  const axe = async () => {
    await page.evaluate(AXE)
    return await page.evaluate<string[]>(
      `axe.run().then(({ violations }) => violations.flatMap(({ id, nodes }) => nodes.map(({ target, failureSummary }) => id + ' ' + target + ' ' + failureSummary)))`,
    )
  }

  beforeAll(async () => {
    kymo = await KymoProcess.start({ flushInterval: '1s', env: { KYMO_STATSD_NAMES: 'utf8' } })
    for (let round = 0; round < 4; round++) {
      for (const service of ['checkout', 'mail', HOSTILE])
        for (const environment of ['prod', 'staging'])
          await kymo.udp(
            `http.requests:${round + 1}|c|#service:${service},env:${environment}\nqueue.depth:${round}|g|#service:${service},env:${environment}`,
          )
      await kymo.udp(`hosts.web1.cpu:${30 + round}|g\nhosts.web2.cpu:${50 + round}|g`)
      await kymo.flush()
      await new Promise((resolve) => setTimeout(resolve, 1_000))
    }
    await until('all is listed', async () => {
      return (await kymo.json<{ metrics: unknown[] }>('/api/metrics')).metrics.length >= 14
    })
    browser = await launchChromium()
    page = await browser.newPage({ viewport: { width: 1280, height: 860 } })
    page.on('pageerror', (error) => complaints.push(String(error)))
    page.on('console', (message) => {
      if (message.type() === 'error') complaints.push(message.text())
    })
    page.on('dialog', (dialog) => {
      complaints.push('a hostile name ran')
      void dialog.dismiss()
    })
  })
  afterAll(async () => {
    await browser?.close()
    cleanUp()
  })

  test('explore: its values as a table, for all who want to see it and for those who have it read', async () => {
    await open('#/explore?t=stats.gauges.hosts.*.cpu')
    const points = page.getByRole('table', { name: /The newest \d+ values of the targets/ })
    await points.getByRole('columnheader', { name: 'stats.gauges.hosts.web1.cpu' }).waitFor()
    await page.getByRole('button', { name: 'Table of the targets' }).focus()
    await page.keyboard.press('Enter')
    await page.getByRole('region', { name: 'Values of the targets' }).waitFor()
    expect(await page.locator('.line-chart canvas').count()).toBe(0)
    const newest = points.getByRole('row').nth(1)
    expect(await newest.innerText()).toMatch(/^\d\d:\d\d:\d\d\s+33\s+53$/)
    expect(await axe()).toEqual([])
    await page.screenshot({ path: join(shots, 'table.png') })
    await page.keyboard.press('Enter')
    await page.locator('.line-chart canvas').waitFor()
  })

  test.each([
    ['Picture of the targets', 'image/png'],
    ['Values of the targets as CSV', 'text/csv'],
  ])('explore: %s leads to %s, in the zone of the page', async (name, type) => {
    await open('#/explore?t=stats.gauges.hosts.*.cpu&from=-1h&tz=Asia/Kolkata')
    const link = page.getByRole('link', { name, exact: true })
    const address = (await link.getAttribute('href')) ?? ''
    expect(address).toContain('from=-3600s&until=now&tz=Asia%2FKolkata')
    const answer = await fetch(kymo.url(address))
    expect([answer.status, answer.headers.get('content-type')]).toEqual([200, expect.stringContaining(type)])
  })

  test('a card and a graph of several: table and picture', async () => {
    await open('#/dashboard/hosts')
    const card = page.getByRole('article', { name: 'hosts.*.cpu' })
    await card.getByRole('table', { name: /values of hosts\.\*\.cpu/ }).waitFor({ state: 'attached' })
    await card.getByRole('button', { name: 'Table of hosts.*.cpu' }).click()
    await card.getByRole('columnheader', { name: 'web2' }).waitFor()
    const picture = (await card.getByRole('link', { name: /^Picture of/ }).getAttribute('href')) ?? ''
    expect((await fetch(kymo.url(picture))).status).toBe(200)
    await open('#/dashboard/queue')
    const one = page.getByRole('article', { name: /^queue\.depth/ }).first()
    await one.getByRole('button', { name: /^Table of/ }).click()
    await one.getByRole('cell', { name: '3', exact: true }).first().waitFor()
  })

  test('a service by its tag: a card with its environments, and a dashboard of what has the tag', async () => {
    await open('')
    const services = page.getByRole('navigation', { name: 'Services' })
    const card = services.locator('.service', { hasText: 'checkout' })
    expect(await card.innerText()).toMatch(/prod[\s\S]*staging/)
    await services.locator('.service', { hasText: '<img' }).waitFor()
    await card.click()
    await expect
      .poll(() => page.url(), SHOWN)
      .toContain(`#/dashboard/${encodeURIComponent(';service=checkout')}`)
    await page.getByRole('article', { name: 'http.requests' }).locator('canvas').waitFor()
    await page.getByRole('article', { name: 'queue.depth' }).getByText('staging').first().waitFor()
    await page.screenshot({ path: join(shots, 'service.png') })
    await page.getByRole('navigation', { name: 'Dashboards' }).getByRole('link', { name: 'prod' }).click()
    await page.getByRole('article', { name: /^queue\.depth;env=prod/ }).waitFor()
    const path = await page.getByRole('navigation', { name: 'Prefix' }).innerText()
    expect(path.replaceAll(/\s+/g, ' ')).toBe('Metrics›service: checkout›env: prod')
  })

  test('sizes by tag, how fast they grow, and who asked last', async () => {
    const panels = [
      { title: 'Depth', x: 0, y: 0, width: 12, height: 9, targets: ['stats.gauges.hosts.web1.cpu'] },
    ]
    await kymo.json('/api/dashboards/depth', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ dashboard: { version: 1, title: 'Depth', panels }, revision: null }),
    })
    await open('#/boards/depth')
    await page.getByRole('img', { name: 'Graph of Depth' }).waitFor()
    await open('#/size/stats.gauges')
    const hosts = page.getByRole('row', { name: /^hosts/ })
    await hosts.getByText('dashboard depth').waitFor()
    await expect.poll(() => hosts.innerText(), { timeout: 25_000, interval: 500 }).toMatch(/\t2\t/)
    await page.getByRole('navigation', { name: 'Sizes by' }).getByRole('link', { name: 'service' }).click()
    const table = page.getByRole('table')
    await table.getByRole('link', { name: 'mail', exact: true }).waitFor()
    await table.getByRole('link', { name: /^<img/ }).waitFor()
    expect(await axe()).toEqual([])
    await page.screenshot({ path: join(shots, 'size-by-tag.png') })
    await table.getByRole('link', { name: 'mail', exact: true }).click()
    await page.getByRole('article', { name: 'queue.depth' }).waitFor()
  })

  test('what is missing says that it was refused, on the first page and on a dashboard', async () => {
    await open('#/dashboard/carts')
    await page.getByText('No metric was ever seen below “carts”', { exact: false }).waitFor()
    await kymo.udp('carts.open:many|g')
    await page.locator('.page-hint', { hasText: 'carts.open:many|g was rejected' }).waitFor()
    await open('?q=carts')
    await page.getByText('No metric has “carts” in its name', { exact: false }).waitFor()
    await kymo.udp('carts.open:many|g')
    await page.locator('.page-hint', { hasText: 'carts.open:many|g was rejected' }).waitFor()
  })

  test('an error says what to do about it', async () => {
    await open('#/dashboard/hosts?from=foo')
    await page.getByRole('alert').getByText('Times are epoch seconds', { exact: false }).waitFor()
    await open('#/boards/nowhere')
    await page.getByRole('alert').getByText('/api/dashboards lists those', { exact: false }).waitFor()
  })

  test('the browser had nothing to complain about', () => {
    expect(complaints.filter((text) => !/status of 40[04]/.test(text))).toEqual([])
  })
})

/** One value in ten of a minute is far above the others, and never the last. */
function spiky(startSeconds: number, count: number): string {
  const lines = Array.from({ length: count }, (_, index) => {
    const seconds = startSeconds + index
    return `plant.heat ${seconds % 60 === 20 ? 95 : 20} ${seconds}\n`
  })
  return lines.join('')
}

describe.skipIf(CHROMIUM === undefined)(`points that are rolled up${WITHOUT_CHROMIUM}`, () => {
  afterAll(cleanUp)

  test('the band of a value has what its points were made of, and not their last values only', async () => {
    const schemas = join(temporaryDirectory(), 'storage-schemas.conf')
    writeFileSync(schemas, '[all]\npattern = .*\nretentions = 1s:60s,60s:1d\n')
    const kymo = await KymoProcess.start({ flushInterval: '1s', args: ['--storage-schemas', schemas] })
    const browser = await launchChromium()
    try {
      const startSeconds = Math.floor(Date.now() / 60_000) * 60 - 1_800
      await kymo.tcp(spiky(startSeconds, 1_500), 'graphite')
      const target = 'consolidateBy(plant.heat,"max")'
      await until('the points are there', async () => {
        const [series] = await kymo.render(target)
        return series?.datapoints.some(([value]) => value === 95) === true
      })
      const page = await browser.newPage({ viewport: { width: 1280, height: 860 } })
      await page.goto(`http://localhost:${kymo.port('http')}/#/dashboard/plant?from=-1h`)
      const readout = page.locator('.card', { hasText: 'heat' }).locator('.readout')
      await expect.poll(() => readout.innerText(), SHOWN).toContain('low–high 20–95')
      expect(await readout.innerText()).toMatch(/value\s+21\.25/)
      const read = page.getByRole('table', { name: /values of plant\.heat/ })
      expect((await read.getByRole('columnheader').allTextContents()).slice(1)).toEqual([
        'value',
        'lowest',
        'highest',
      ])
      const [, ofMinute] = await read.getByRole('row').allTextContents()
      expect(ofMinute).toMatch(/21\.25.*2095$/)
    } finally {
      await browser.close()
    }
  })
})
