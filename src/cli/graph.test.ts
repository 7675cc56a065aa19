import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { runCommandLine } from './index.ts'
import { runIn } from './testdata/run-in.ts'

/** A whole minute of an hour ago. */
const THEN = Math.floor(Date.now() / 60_000) * 60 - 3_600
const range = ['--from', String(THEN), '--until', String(THEN + 40)]
const CONTEXT = { env: {}, hasTerminal: false, stderr: { write: () => true } }
let folder: string

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'kymo-graph-'))
  const lines = [1, 2, 3, 4].map((value) => `web.a ${value} ${THEN + value * 10}`)
  writeFileSync(join(folder, 'lines'), lines.join('\n'))
  await kymo('import', 'carbon-lines', 'lines')
})
afterAll(() => rmSync(folder, { recursive: true }))

const kymo = (...argv: string[]) => runIn(folder, argv)

describe('graph', () => {
  test('writes a PNG of 800 x 400 pixels', async () => {
    const { code, stderr } = await kymo('graph', 'web.*', '-o', 'out.png', ...range)
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    const image = readFileSync(join(folder, 'out.png'))
    expect(image.toString('latin1', 1, 4)).toBe('PNG')
    expect([image.readUInt32BE(16), image.readUInt32BE(20)]).toEqual([800, 400])
  })

  test('writes an SVG, drawn as parameters say', async () => {
    const parameters = 'title=All+%26+more&width=400&__proto__=x'
    await kymo('graph', 'web.a', '--output', 'out.svg', '--parameters', parameters, ...range)
    const image = readFileSync(join(folder, 'out.svg'), 'utf8')
    expect(image).toMatch(/^<svg [^>]* width="400" height="400"/)
    expect(image).toContain('>All &amp; more</text>')
    expect(image).toContain('>web.a</text>')
  })

  test('writes to stdout, a PNG unless parameters say otherwise', async () => {
    const chunks: Uint8Array[] = []
    const write = (data: string | Uint8Array) => chunks.push(Buffer.from(data))
    const draw = async (...more: string[]) => {
      chunks.length = 0
      const argv = ['graph', 'web.a', '-o', '-', ...range, ...more]
      const code = await runCommandLine({ ...CONTEXT, argv, cwd: folder, stdout: { write } })
      return { code, image: Buffer.concat(chunks).toString('latin1') }
    }
    expect(await draw()).toMatchObject({ code: 0, image: expect.stringMatching(/^\x89PNG/) })
    expect(await draw('--parameters', 'format=svg')).toMatchObject({ image: expect.stringMatching(/^<svg /) })
    expect(await draw('--parameters', 'format=json')).toEqual({ code: 64, image: '' })
    const stdout = { write, isTTY: true }
    const argv = ['graph', 'web.a', '-o', '-']
    expect(await runCommandLine({ ...CONTEXT, argv, cwd: folder, stdout })).toBe(64)
  })

  test.each([
    [['graph', '-o', 'a.png'], 64, 'graph needs a target'],
    [['graph', 'web.a'], 64, '-o graph.png'],
    [['graph', 'web.a', '-o', 'a.pdf'], 64, 'a .png or an .svg'],
    [['graph', 'web.a', '-o'], 64, '--output needs a value'],
    [['graph', 'web.a', '-x', 'a.png'], 64, 'there is no flag "-x"'],
    [['graph', 'web.a', '-o', 'none/a.png'], 73, 'cannot be written'],
    [['graph', 'web.a', '-o', 'a.png', '--parameters', 'width=20000'], 70, 'the limit is 4096 x 4096'],
  ])('%j is refused', async (argv, code, message) => {
    const said = await kymo(...argv)
    expect(said.stderr).toContain(message)
    expect(said.code).toBe(code)
  })
})
