// A reserve that no disk has stands for a disk that is full; a reload makes it so, and ends it.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { cleanUp, KymoProcess, temporaryDirectory, until } from '../harness/kymo.ts'

afterAll(cleanUp)

test('below the reserve points wait, and it says so; with room again they are there, without a restart', async () => {
  const file = join(temporaryDirectory(), 'kymo.yaml')
  const reserve = (size: string): void => writeFileSync(file, `store: {reserved_space: ${size}}\n`)
  reserve('0B')
  const kymo = await KymoProcess.start({ args: [file] })
  const reload = async (size: string): Promise<void> => {
    reserve(size)
    expect((await fetch(kymo.url('/api/reload'), { method: 'POST' })).status).toBe(200)
  }
  const nowSeconds = Math.floor(Date.now() / 1_000)

  await reload('1000TiB')
  await kymo.tcp(`waits 5 ${nowSeconds}\n`, 'graphite')
  await until('it is not ready', async () => (await fetch(kymo.url('/ready'))).status === 503)
  expect(await (await fetch(kymo.url('/ready'))).text()).toContain('the store takes nothing')
  const { store } = await kymo.json<{ store: { problem: { code: string } | null; waitingPoints: number } }>(
    '/api/status',
  )
  expect(store.problem?.code).toBe('disk-reserved')
  expect(store.waitingPoints).toBeGreaterThan(0)

  await reload('0B')
  await until('it is ready', async () => (await fetch(kymo.url('/ready'))).status === 200)
  await until('what waited is there', async () => (await kymo.values('waits')).length === 1)

  // A clock that is wrong, and data that is older than what is kept.
  const lines = [-6 * 365 * 86_400, -60, 3_600].map((offset) => `times ${offset} ${nowSeconds + offset}\n`)
  await kymo.tcp(lines.join(''), 'graphite')
  await until('the one that may be is there', async () => (await kymo.values('times')).length === 1)
  expect(await kymo.values('times')).toEqual([-60])
  const metrics = await (await fetch(kymo.url('/metrics'))).text()
  expect(metrics).toContain('kymo_dropped_points_total{sink="store",reason="past"} 1')
  expect(metrics).toContain('kymo_dropped_points_total{sink="store",reason="future"} 1')
  expect(await kymo.end()).toBe(0)
})
