import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { chromium, type Browser, type Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { cleanUp, KymoProcess, temporaryDirectory, until } from '../harness/kymo.ts'

const CHROMIUM = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find((path) =>
  existsSync(path),
)
const shots = process.env.KYMO_TEST_SCREENSHOTS ?? temporaryDirectory()
const HOSTILE = '<img src=x onerror=alert(1)>'

describe.skipIf(CHROMIUM === undefined)(
  `saved dashboards${CHROMIUM === undefined ? ' (skipped: no chromium)' : ''}`,
  () => {
    let kymo: KymoProcess
    let browser: Browser
    let page: Page
    const directory = join(temporaryDirectory(), 'boards')
    const complaints: string[] = []
    const post = async (url: string, body: unknown) =>
      await kymo.json<Record<string, unknown>>(url, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
      })

    beforeAll(async () => {
      mkdirSync(shots, { recursive: true })
      kymo = await KymoProcess.start({ flushInterval: '1s', env: { KYMO_DASHBOARDS_PATH: directory } })
      for (let round = 0; round < 4; round++) {
        await kymo.udp(`hosts.web1.cpu:${30 + round}|g\nhosts.web2.cpu:${50 + round}|g`)
        await kymo.flush()
        await new Promise((resolve) => setTimeout(resolve, 1_000))
      }
      await until('all is listed', async () => {
        return (await kymo.json<{ metrics: unknown[] }>('/api/metrics')).metrics.length >= 2
      })
      browser = await chromium.launch({
        executablePath: CHROMIUM as string,
        args: [
          '--headless',
          '--no-sandbox',
          '--disable-gpu',
          '--no-first-run',
          '--disable-background-networking',
        ],
      })
      page = await browser.newPage({ viewport: { width: 1280, height: 860 } })
      page.on('pageerror', (error) => complaints.push(String(error)))
      page.on('dialog', (dialog) => {
        complaints.push('a hostile title ran')
        void dialog.dismiss()
      })
    })
    afterAll(async () => {
      await browser?.close()
      cleanUp()
    })

    test('one of Grafana is imported, saved as a file and drawn; its title is text', async () => {
      const imported = await post('/api/dashboard-import', {
        document: {
          title: HOSTILE,
          templating: { list: [{ name: 'host', type: 'query', query: 'stats.gauges.hosts.*' }] },
          panels: [
            {
              title: `${HOSTILE} cpu`,
              type: 'timeseries',
              gridPos: { x: 0, y: 0, w: 16, h: 9 },
              targets: [{ refId: 'A', target: 'stats.gauges.hosts.$host.cpu' }],
            },
            {
              title: 'Empty',
              type: 'graph',
              gridPos: { x: 16, y: 0, w: 8, h: 9 },
              targets: [{ refId: 'A', target: 'nothing.here' }],
            },
            { title: 'Notes', type: 'text' },
          ],
        },
      })
      expect(imported.notTaken).toMatchObject([{ where: 'panel "Notes"' }])
      await post('/api/dashboards/hosts', { dashboard: imported.dashboard, revision: null })
      writeFileSync(join(directory, 'cut.json'), '{"version": 1, "ti')

      await page.goto(`http://localhost:${kymo.port('http')}/#/boards`)
      await page.getByText('cut.json').waitFor()
      await page.screenshot({ path: join(shots, 'boards-list.png') })
      await page.getByRole('link', { name: HOSTILE }).click()
      const panel = page.getByRole('article', { name: `${HOSTILE} cpu` })
      await panel.getByRole('img', { name: /Graph of/ }).waitFor()
      expect(await panel.getByRole('listitem').allInnerTexts()).toHaveLength(2)
      await page.getByRole('article', { name: 'Empty' }).getByText('No series was ever seen under').waitFor()
      expect(await page.title()).toBe(`${HOSTILE} · Kymo`)
      for (const colorScheme of ['light', 'dark'] as const) {
        await page.emulateMedia({ colorScheme })
        await page.screenshot({ path: join(shots, `board-${colorScheme}.png`) })
      }
    })

    test('a variable is chosen, and the link carries it', async () => {
      const select = page.getByRole('combobox', { name: 'host' })
      await select.selectOption('web2')
      const legend = page.getByRole('article', { name: `${HOSTILE} cpu` }).getByRole('listitem')
      await until('one is drawn', async () => (await legend.count()) === 1)
      expect(page.url()).toContain('v=host%3Dweb2')
      await page.reload()
      await until('one is drawn again', async () => (await legend.count()) === 1)
      expect(await legend.innerText()).toContain('web2')
    })

    test('the automatic page of a prefix is saved under a name; a name that is taken says so', async () => {
      const save = async () => {
        await page.goto(`http://localhost:${kymo.port('http')}/#/dashboard/hosts`)
        await page.getByRole('button', { name: 'Save as dashboard' }).click()
        await page.getByRole('textbox', { name: 'Name' }).fill('Our hosts')
        await page.getByRole('button', { name: 'Save', exact: true }).click()
      }
      await save()
      await page.waitForURL(/#\/boards\/our-hosts$/)
      const panel = page.getByRole('article', { name: 'hosts.*.cpu' })
      await until('both are drawn', async () => (await panel.getByRole('listitem').count()) === 2)
      expect(readFileSync(join(directory, 'our-hosts.json'), 'utf8')).toContain('"stats.gauges.hosts.*.cpu"')
      await save()
      await page.getByText('The dashboard "our-hosts" is not as it was').waitFor()
      await page.screenshot({ path: join(shots, 'board-save-taken.png') })
    })

    test('a damaged one says what is wrong and where', async () => {
      await page.goto(`http://localhost:${kymo.port('http')}/#/boards/cut`)
      const notice = page.getByRole('alert')
      await notice.waitFor()
      expect(await notice.innerText()).toMatch(/cut\.json.*is not JSON/s)
      expect(complaints).toEqual([])
    })
  },
)
