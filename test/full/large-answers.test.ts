import { once } from 'node:events'
import { get, type IncomingMessage } from 'node:http'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { cpuNsBetween, readCpu } from '../../bench/ingest/process-cpu.ts'
import { residentBytes } from '../../bench/ingest/process-memory.ts'
import { cleanUp, KymoProcess, until } from '../harness/kymo.ts'

// Answers of tens of millions of points: they leave as they are read, with flat memory, as fast as the client takes them, and nobody works on one
// that nobody wants any more.
const SERIES = 40
const STEPS = 60_000
const REPEATED = 9
/** 21.6 million. */
const POINTS = SERIES * STEPS * REPEATED
const MIB = 1024 * 1024
/** What the heaps of all threads and pieces on their way may take besides what there was. An answer that was held would be 400 MB or more. */
const MOST_GROWTH_BYTES = 160 * MIB

let kymo: KymoProcess
const END = Math.floor(Date.now() / 10_000) * 10 - 60
const START = END - (STEPS - 1) * 10

beforeAll(async () => {
  kymo = await KymoProcess.start({ flushInterval: '10s' })
  for (let index = 0; index < SERIES; index++) {
    const lines: string[] = []
    for (let step = 0; step < STEPS; step++)
      lines.push(`large.s${index}.v ${valueAt(index, step)} ${START + step * 10}\n`)
    const response = await fetch(kymo.url('/api/write/graphite'), { method: 'POST', body: lines.join('') })
    expect(response.status).toBe(204)
  }
  await until('all is stored', async () => (await stored()) >= SERIES * STEPS, 120_000)
  // What threads and functions need the first time.
  const first = await ask('json', 'large.s1.v')
  for await (const _ of first) continue
}, 240_000)
afterAll(cleanUp)

function valueAt(index: number, step: number): number {
  return (index * 7 + step) % 1_000
}

async function stored(): Promise<number> {
  const text = await (await fetch(kymo.url('/metrics'))).text()
  return Number(/^kymo_stored_points_total (\d+)/m.exec(text)?.[1] ?? 0)
}

async function ask(format: string, ...targets: string[]): Promise<IncomingMessage> {
  const query = new URLSearchParams({ from: String(START - 1), until: String(END), format, noCache: '1' })
  for (const target of targets) query.append('target', target)
  const [response] = (await once(get(kymo.url(`/render?${query.toString()}`)), 'response')) as [
    IncomingMessage,
  ]
  return response
}

const all = (format: string): Promise<IncomingMessage> =>
  ask(format, ...Array.from({ length: REPEATED }, () => 'large.*.v'))

/** Bytes that there are more of than before, at most, and how often `mark` is in the answer. */
async function readThrough(response: IncomingMessage, mark: string) {
  const before = residentBytes(pid())
  let most = before
  let marks = 0
  let bytes = 0
  let looked = 0
  const code = mark.charCodeAt(0)
  for await (const chunk of response as AsyncIterable<Buffer>) {
    bytes += chunk.length
    for (let at = chunk.indexOf(code); at >= 0; at = chunk.indexOf(code, at + 1)) marks += 1
    if (bytes - looked < 4 * MIB) continue
    looked = bytes
    most = Math.max(most, residentBytes(pid()))
  }
  return { growth: most - before, marks, bytes }
}

const pid = (): number => kymo.child.pid ?? 0

test.each([
  // A bracket for each point, one for the datapoints of each series, and that of the list.
  ['json', '[', POINTS + SERIES * REPEATED + 1],
  ['csv', '\n', POINTS],
  // A comma between values, and three in front of them.
  ['raw', ',', POINTS + 2 * SERIES * REPEATED],
])(
  '%s of 21.6 million points leaves in pieces, with flat memory',
  { timeout: 240_000 },
  async (format, mark, marks) => {
    const cpu = readCpu(pid())
    const began = performance.now()
    const response = await all(format)
    expect(response.statusCode).toBe(200)
    const read = await readThrough(response, mark)
    const cpuSeconds = cpuNsBetween(cpu, readCpu(pid())) / 1e9
    process.stdout.write(
      `${format}: ${Math.round(read.bytes / MIB)} MiB in ${((performance.now() - began) / 1e3).toFixed(1)} s, ${cpuSeconds.toFixed(1)} s of CPU, ` +
        `${Math.round(read.growth / MIB)} MiB more resident\n`,
    )
    expect(read.marks).toBe(marks)
    expect(read.growth).toBeLessThan(MOST_GROWTH_BYTES)
  },
)

test('a client that reads slowly holds nothing up, and costs nothing while it waits', {
  timeout: 60_000,
}, async () => {
  const before = residentBytes(pid())
  const response = await all('json')
  response.pause()
  await new Promise((resolve) => setTimeout(resolve, 1_000))
  const cpu = readCpu(pid())
  await new Promise((resolve) => setTimeout(resolve, 2_000))
  expect(cpuNsBetween(cpu, readCpu(pid()))).toBeLessThan(0.3e9)
  expect(residentBytes(pid()) - before).toBeLessThan(MOST_GROWTH_BYTES)
  const other = await ask('json', 'large.s3.v')
  expect(other.statusCode).toBe(200)
  expect((await readThrough(other, '[')).marks).toBe(STEPS + 2)
  response.destroy()
})

test('nobody works on an answer whose client has gone', { timeout: 60_000 }, async () => {
  const response = await all('csv')
  await once(response, 'data')
  const busy = readCpu(pid())
  await new Promise((resolve) => setTimeout(resolve, 500))
  response.destroy()
  await new Promise((resolve) => setTimeout(resolve, 500))
  const gone = readCpu(pid())
  await new Promise((resolve) => setTimeout(resolve, 2_000))
  expect(cpuNsBetween(gone, readCpu(pid()))).toBeLessThan(0.3e9)
  expect(cpuNsBetween(busy, gone)).toBeGreaterThan(0)
})

test('a ninth large answer at once is sent away with a time to come back', { timeout: 60_000 }, async () => {
  const responses = await Promise.all(
    Array.from({ length: 8 }, async () => {
      const response = await all('raw')
      response.pause()
      return response
    }),
  )
  expect(responses.map(({ statusCode }) => statusCode)).toEqual(responses.map(() => 200))
  const ninth = await all('raw')
  expect([ninth.statusCode, ninth.headers['retry-after']]).toEqual([503, '1'])
  ninth.resume()
  for (const response of responses) response.destroy()
  await until('there is room again', async () => {
    const response = await all('raw')
    response.destroy()
    return response.statusCode === 200
  })
})
