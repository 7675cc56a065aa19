import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { cleanUp, KymoProcess, until } from '../harness/kymo.ts'

let kymo: KymoProcess
beforeAll(async () => {
  kymo = await KymoProcess.start({ flushInterval: '1s', args: ['--stdout'] })
  // The thread of streams is started by the first that comes.
  await kymo.tcp('first 1 -1\n', 'graphite')
})
afterAll(cleanUp)

function tap(...args: string[]) {
  const command = join(resolve(import.meta.dirname, '../..'), 'bin/kymo.js')
  const child = spawn(process.execPath, [command, 'tap', '--url', kymo.url(''), ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let stdout = ''
  let stderr = ''
  child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()))
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()))
  const ended = once(child, 'exit').then(([code]) => Number(code))
  return {
    child,
    ended,
    stdout: () => stdout,
    stderr: () => stderr,
    lines: () => stdout.split('\n').slice(0, -1),
  }
}

/** Sends until the tap has what it looks for. */
async function sendUntil(isThere: () => boolean): Promise<void> {
  await until('it is shown', async () => {
    await kymo.udp('shop.checkout:3|c\nother.thing:1|c\nshop.broken:x|g')
    return isThere()
  })
}

describe('kymo tap', () => {
  test.each([
    ['received', 'shop.*', /shop\.checkout:3\|c/],
    ['aggregated', 'stats.counters.shop.**', /stats\.counters\.shop\.checkout\.count \d+/],
    ['stored', 'stats.counters.shop.**', /stats\.counters\.shop\.checkout\.rate \d+/],
    ['sent:stdout', '**.checkout.*', /stats\.counters\.shop\.checkout\.count \d+/],
  ])('shows what is %s, and of that what %s means', async (stage, pattern, wanted) => {
    const { lines, child, ended, stderr } = tap(pattern, '--stage', stage)
    await sendUntil(() => lines().some((line) => wanted.test(line)))
    expect(lines().filter((line) => line.includes('other'))).toEqual([])
    child.kill('SIGINT')
    expect(await ended, stderr()).toBe(0)
  })

  test('shows lines that are refused, too, where all are meant', async () => {
    const { lines, child, ended } = tap()
    await sendUntil(() => lines().some((line) => line.includes('shop.broken:x|g') && line.includes('bad_')))
    child.kill('SIGTERM')
    expect(await ended).toBe(0)
  })

  test('ends after so many, as JSON', async () => {
    const { lines, ended } = tap('shop.*', '--json', '--limit', '2')
    await sendUntil(() => lines().length >= 3)
    expect(await ended).toBe(0)
    const [begins, ...items] = lines().map((line) => JSON.parse(line) as Record<string, unknown>)
    expect(begins).toEqual({ kind: 'begins', stage: 'received', pattern: 'shop.*' })
    expect(items).toHaveLength(2)
    expect(items[0]).toMatchObject({ kind: 'line', line: 'shop.checkout:3|c', outcome: 'metric' })
  })

  test('ends when its reader goes', async () => {
    const { child, lines, ended } = tap('shop.*')
    await sendUntil(() => lines().length > 0)
    child.stdout.destroy()
    await until('it ends', async () => {
      await kymo.udp('shop.checkout:3|c')
      return child.exitCode !== null
    })
    expect(await ended).toBe(0)
  })

  test.each([
    [['--stage', 'elsewhere'], 69, 'known are received'],
    [['--stage', 'sent'], 69, 'with the name of a sink'],
    [['--stage', 'sent:nowhere'], 69, 'there is stdout'],
    [['--limit', '0'], 64, 'is no number'],
    [['a', 'b'], 64, 'one pattern'],
  ])('%j is refused', async (args, code, text) => {
    const { ended, stderr } = tap(...args)
    expect(await ended).toBe(code)
    expect(stderr()).toContain(text)
  })

  test('a flood is sampled, said to be, and received as without', async () => {
    const { lines, stderr, child, ended } = tap()
    await until('it has begun', async () => {
      await kymo.udp('flood.begins:1|c')
      return lines().length > 0
    })
    const lines100 = Array.from({ length: 100 }, (_, index) => `flood.a${index}:1|c`).join('\n')
    for (let packet = 0; packet < 200; packet++) await kymo.udp(lines100)
    await until('it is said', () => stderr().includes('more lines came'))
    await until('all are counted', async () => {
      const status = await kymo.json<{ packets: { droppedByKernel: number }; lines: { received: number } }>(
        '/api/status',
      )
      return status.lines.received >= 20_000 && status.packets.droppedByKernel === 0
    })
    expect(lines().length).toBeLessThan(5_000)
    child.kill('SIGINT')
    expect(await ended).toBe(0)
  })

  test('ends with Kymo, which does not wait for it', async () => {
    const other = tap()
    await sendUntil(() => other.lines().length > 0)
    expect(await kymo.end()).toBe(0)
    expect(await other.ended).toBe(0)
  })
})
