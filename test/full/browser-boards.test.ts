import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { CHROMIUM, launchChromium, WITHOUT_CHROMIUM } from '../harness/browser.ts'
import { cleanUp, KymoProcess, temporaryDirectory, until } from '../harness/kymo.ts'

const shots = process.env.KYMO_TEST_SCREENSHOTS ?? temporaryDirectory()
const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
const HOSTILE = '<img src=x onerror=alert(1)>'

describe.skipIf(CHROMIUM === undefined)(`saved dashboards${WITHOUT_CHROMIUM}`, () => {
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
    browser = await launchChromium()
    page = await browser.newPage({ viewport: { width: 1280, height: 860 } })
    page.setDefaultTimeout(8_000)
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
    await page.getByText('There is a dashboard "our-hosts" already').waitFor()
    await page.screenshot({ path: join(shots, 'board-save-taken.png') })
  })

  const fileOf = (id: string) =>
    JSON.parse(readFileSync(join(directory, `${id}.json`), 'utf8')) as {
      title: string
      variables: { name: string }[]
      panels: Record<string, unknown>[]
    }

  test('title, panels and places are changed by keys and mouse; the link carries them until they are saved', async () => {
    await page.goto(`http://localhost:${kymo.port('http')}/#/boards/our-hosts`)
    await page.getByRole('button', { name: 'Change' }).click()
    await page.getByRole('textbox', { name: 'Title' }).fill('All hosts')
    await page.getByRole('button', { name: 'Add a panel' }).click()
    const form = page.getByRole('region', { name: 'Panel' })
    await form.getByRole('textbox', { name: 'Title' }).fill('One')
    await form
      .getByRole('combobox', { name: 'Target 1' })
      .or(form.getByLabel('Target 1'))
      .first()
      .fill('stats.gauges.hosts.$host.cpu')
    await form.getByRole('button', { name: 'Done' }).click()
    await page.getByRole('button', { name: 'Add a variable' }).click()
    await page.getByRole('textbox', { name: 'Variable' }).fill('host')
    await page.getByRole('textbox', { name: 'Query' }).fill('stats.gauges.hosts.*')
    const legend = page.getByRole('article', { name: 'One' }).getByRole('listitem')
    await until('the new panel is drawn', async () => (await legend.count()) === 2)

    const move = page.getByRole('button', { name: 'Move One', exact: true })
    await move.focus()
    for (const key of ['ArrowRight', 'ArrowDown', 'Shift+ArrowRight', 'Shift+ArrowUp'])
      await page.keyboard.press(key)
    const before = await page.getByRole('button', { name: 'Resize hosts.*.cpu' }).boundingBox()
    if (before === null) throw new Error('no handle')
    await page.mouse.move(before.x + 5, before.y + 5)
    await page.mouse.down()
    await page.mouse.move(before.x + 5 + 150, before.y + 5 + 2 * 38, { steps: 4 })
    await page.mouse.up()
    await page.screenshot({ path: join(shots, 'board-edit.png'), fullPage: true })
    await until('the link has it', () =>
      Promise.resolve(decodeURIComponent(page.url()).includes('"All+hosts"')),
    )
    await page.waitForTimeout(500)

    const other = await browser.newPage({ viewport: { width: 1280, height: 860 } })
    await other.goto(page.url())
    await other.getByRole('article', { name: 'One' }).waitFor()
    expect(await other.getByRole('textbox', { name: 'Title' }).first().inputValue()).toBe('All hosts')
    await other.close()
    expect(fileOf('our-hosts').title).toBe('Our hosts')

    await page.getByRole('button', { name: 'Save', exact: true }).click()
    await page.waitForURL(/#\/boards\/our-hosts$/)
    expect(await page.title()).toBe('All hosts · Kymo')
    expect(fileOf('our-hosts')).toMatchObject({
      title: 'All hosts',
      variables: [{ name: 'host', query: 'stats.gauges.hosts.*' }],
      panels: [
        { title: 'hosts.*.cpu', x: 0, y: 0, width: 15, height: 11 },
        { title: 'One', x: 1, y: 11, width: 13, height: 8, targets: ['stats.gauges.hosts.$host.cpu'] },
      ],
    })
  })

  test('who saves what another has changed is told so, and loses nothing', async () => {
    await page.getByRole('button', { name: 'Change' }).click()
    await page.getByRole('button', { name: 'Remove One' }).click()
    const theirs = await kymo.json<{ revision: string; dashboard: object }>('/api/dashboards/our-hosts')
    await post('/api/dashboards/our-hosts', {
      revision: theirs.revision,
      dashboard: { ...theirs.dashboard, title: 'Theirs' },
    })
    await page.getByRole('button', { name: 'Save', exact: true }).click()
    await page.getByRole('heading', { name: 'Somebody else has changed it' }).waitFor()
    await page.screenshot({ path: join(shots, 'board-conflict.png'), fullPage: true })
    expect(fileOf('our-hosts').title).toBe('Theirs')
    await page.getByRole('button', { name: 'Save mine over it' }).click()
    await page.waitForURL(/#\/boards\/our-hosts$/)
    expect(fileOf('our-hosts').title).toBe('All hosts')
    expect(fileOf('our-hosts').panels).toHaveLength(1)
  })

  test('a link with anything else for changes says so', async () => {
    await page.goto(`http://localhost:${kymo.port('http')}/#/boards/our-hosts?draft=%7B%22revision%22%3A1%7D`)
    await page.getByRole('heading', { name: 'The changes in this link cannot be read' }).waitFor()
    await page.getByRole('button', { name: 'Cancel' }).click()
    await page.getByRole('article', { name: 'hosts.*.cpu' }).waitFor()
  })

  test('a file of Grafana is imported: what was not taken is said before it is saved', async () => {
    await page.goto(`http://localhost:${kymo.port('http')}/#/boards`)
    await page.getByRole('button', { name: 'Import' }).click()
    const form = page.getByRole('region', { name: 'Import' })
    await form.getByRole('textbox', { name: 'JSON of a dashboard' }).fill('{"panels": [')
    await form.getByRole('button', { name: 'Read' }).click()
    await form.getByText('This is not JSON').waitFor()
    await form.getByRole('textbox', { name: 'JSON of a dashboard' }).fill('{"a": 1}')
    await form.getByRole('button', { name: 'Read' }).click()
    await form.getByText('This is no dashboard that can be taken').waitFor()
    const panels = [
      { title: 'CPU', type: 'graph', targets: [{ target: 'stats.gauges.hosts.web1.cpu' }] },
      { title: HOSTILE, type: 'text' },
    ]
    await form.getByLabel('File').setInputFiles({
      name: 'grafana.json',
      mimeType: 'application/json',
      buffer: Buffer.from(JSON.stringify({ title: 'From Grafana', panels })),
    })
    await form.getByText('1 panel taken. Not taken:').waitFor()
    expect(await form.getByRole('listitem').allInnerTexts()).toEqual([
      expect.stringContaining(`panel "${HOSTILE}"`),
    ])
    expect(existsSync(join(directory, 'from-grafana.json'))).toBe(false)
    await page.screenshot({ path: join(shots, 'board-import.png') })
    await form.getByRole('button', { name: 'Save', exact: true }).click()
    await page.waitForURL(/#\/boards\/from-grafana$/)
    await page
      .getByRole('article', { name: 'CPU' })
      .getByRole('img', { name: /Graph of/ })
      .waitFor()
  })

  test('a snapshot is one file with a picture of each panel, that asks for nothing and runs nothing', async () => {
    await page.goto(`http://localhost:${kymo.port('http')}/#/boards/hosts`)
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: 'Snapshot' }).click(),
    ])
    expect(download.suggestedFilename()).toBe('hosts.html')
    const file = join(shots, 'snapshot.html')
    await download.saveAs(file)
    expect(readFileSync(file, 'utf8')).not.toMatch(/<script|<img src=x/i)
    const other = await browser.newPage()
    const asked: string[] = []
    other.on('request', (request) => asked.push(request.url().slice(0, 5)))
    await other.goto(`file://${file}`)
    expect(await other.getByRole('heading').innerText()).toBe(HOSTILE)
    expect(await other.locator('h1 + p').innerText()).toMatch(/\d{4}, \d\d:\d\d:\d\d \(\S+\)/)
    const widths = await other.evaluate<number[]>(`[...document.images].map((image) => image.naturalWidth)`)
    expect(widths).toEqual([640, 640])
    expect(asked).toEqual(['file:'])
    await other.screenshot({ path: join(shots, 'snapshot.png') })
    await other.close()
  })

  test('axe finds nothing to mend on the list, a board and its editor, and a phone shows them whole', async () => {
    await page.setViewportSize({ width: 390, height: 844 })
    const check = async (name: string) => {
      await page.screenshot({ path: join(shots, `${name}-phone.png`), fullPage: true })
      await page.evaluate(AXE)
      expect(
        await page.evaluate(
          `axe.run().then(({ violations }) => violations.flatMap(({ id, nodes }) => nodes.map(({ target, failureSummary }) => id + ' ' + target + ' ' + failureSummary)))`,
        ),
        name,
      ).toEqual([])
      expect(await page.evaluate('document.documentElement.scrollWidth'), name).toBeLessThanOrEqual(390)
    }
    await page.goto(`http://localhost:${kymo.port('http')}/#/boards`)
    await page.getByText('cut.json').waitFor()
    await page.getByRole('button', { name: 'Import' }).click()
    await check('boards')
    await page.goto(`http://localhost:${kymo.port('http')}/#/boards/our-hosts`)
    await page.getByRole('img', { name: /Graph of/ }).waitFor()
    await check('board')
    await page.getByRole('button', { name: 'Change' }).click()
    await page.getByRole('button', { name: 'Edit hosts.*.cpu' }).click()
    await page.getByRole('region', { name: 'Panel' }).waitFor()
    await check('board-edit')
    await page.setViewportSize({ width: 1280, height: 860 })
  })

  test('one is deleted once that was confirmed, with keys alone; what another has changed meanwhile is not', async () => {
    const file = join(directory, 'from-grafana.json')
    await page.goto(`http://localhost:${kymo.port('http')}/#/boards/from-grafana`)
    const ask = page.getByRole('button', { name: 'Delete' })
    const dialog = page.getByRole('dialog', { name: 'Delete “From Grafana”?' })
    await ask.focus()
    await page.keyboard.press('Enter')
    await dialog.waitFor()
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme })
      // Buttons take their new colours in a moment.
      await page.waitForTimeout(300)
      await page.screenshot({ path: join(shots, `board-delete-${colorScheme}.png`) })
    }
    // Enter alone deletes nothing, and Escape leads back.
    await page.keyboard.press('Enter')
    await dialog.waitFor({ state: 'hidden' })
    await page.keyboard.press('Enter')
    await dialog.waitFor()
    await page.keyboard.press('Escape')
    await dialog.waitFor({ state: 'hidden' })
    expect(await ask.evaluate('document.activeElement.textContent')).toBe('Delete')

    const theirs = await kymo.json<{ revision: string; dashboard: object }>('/api/dashboards/from-grafana')
    await post('/api/dashboards/from-grafana', {
      revision: theirs.revision,
      dashboard: { ...theirs.dashboard, title: 'Theirs' },
    })
    await page.keyboard.press('Enter')
    await page.keyboard.press('Tab')
    await page.keyboard.press('Enter')
    await dialog.getByRole('alert').getByText('somebody else has changed it').waitFor()
    expect(existsSync(file)).toBe(true)
    await page.keyboard.press('Escape')

    await page.reload()
    await page.getByRole('link', { name: 'Theirs' }).waitFor()
    await ask.focus()
    await page.keyboard.press('Enter')
    await page.keyboard.press('Tab')
    await page.keyboard.press('Enter')
    await page.waitForURL(/#\/boards$/)
    await page.getByText('cut.json').waitFor()
    expect(await page.getByRole('link', { name: 'Theirs' }).count()).toBe(0)
    expect(existsSync(file)).toBe(false)
  })

  test('a damaged one says what is wrong and where', async () => {
    await page.goto(`http://localhost:${kymo.port('http')}/#/boards/cut`)
    const notice = page.getByRole('alert')
    await notice.waitFor()
    expect(await notice.innerText()).toMatch(/cut\.json.*is not JSON/s)
    expect(complaints).toEqual([])
  })
})
