// A real disk that is really full: a small file system in memory. Where this user may not mount one, it is said by name.
import { execFileSync } from 'node:child_process'
import { mkdirSync, rmSync, statfsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, afterEach, beforeEach, describe, expect, test } from 'vitest'
import { cleanUp, KymoProcess, temporaryDirectory, until } from '../harness/kymo.ts'

const DISK_BYTES = 24 * 1024 * 1024
const FLUSHED = 'stats.gauges.kept'

interface StoreStatus {
  readonly store: { readonly waitingPoints: number; readonly problem: { readonly code: string } | null }
}

let disk: string
let data: string
beforeEach(() => {
  disk = temporaryDirectory()
  if (canMount) execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${DISK_BYTES}`, 'kymo-test', disk])
  data = join(disk, 'data')
  mkdirSync(data)
})
afterEach(async () => {
  for (const kymo of started.splice(0)) if (kymo.child.exitCode === null) await kymo.end('SIGKILL')
  if (canMount) execFileSync('umount', ['-l', disk])
})
afterAll(cleanUp)

const canMount = mayMount()
const started: KymoProcess[] = []

describe.skipIf(!canMount)('on a small disk (skipped where this user may not mount one)', () => {
  test('with no more than the reserve there is no start: 7, and what to do', async () => {
    const kymo = KymoProcess.launch({ data })
    expect(await kymo.ended()).toBe(7)
    expect(kymo.stderr).toContain('disk-reserved')
    expect(kymo.stderr).toContain(data)
    expect(kymo.stderr).toContain('Kymo leaves 100.0 MB free')
    expect(kymo.stderr).toContain('store.reserved_space')
  })

  test('and with nothing free at all neither: 7', async () => {
    fillUp(0)
    const kymo = KymoProcess.launch({ data, env: { KYMO_STORE_RESERVED_SPACE: '0B' } })
    expect(await kymo.ended()).toBe(7)
    expect(kymo.stderr).toMatch(/disk-full|disk-reserved/)
    expect(kymo.stderr).toContain(data)
  })

  test.each([
    ['4MB', 3_000_000, 'disk-reserved'],
    ['0B', 0, 'disk-full'],
  ])(
    'reserved %s, free %d bytes: points wait, it says so (%s), and goes on by itself',
    async (reserve, freeBytes, code) => {
      const kymo = await KymoProcess.start({ data, env: { KYMO_STORE_RESERVED_SPACE: reserve } })
      started.push(kymo)
      await kymo.udp('kept:1|g')
      await until('it is kept', async () => (await kymo.values(FLUSHED)).includes(1))

      fillUp(freeBytes)
      // More than what is left of the last page of a file.
      const noise = Array.from({ length: 500 }, (_, index) => `noise.${index}:1|g`)
      await kymo.udp(['kept:2|g', ...noise].join('\n'))
      await until('the store has a problem', async () => (await status(kymo)).store.problem !== null)
      expect((await status(kymo)).store.problem?.code).toBe(code)
      await until('points wait', async () => (await status(kymo)).store.waitingPoints > 0)
      const ready = await fetch(kymo.url('/ready'))
      expect(ready.status).toBe(503)
      expect(await ready.text()).toContain('points wait in memory')
      // It still takes in, answers, and says it once.
      await kymo.udp('kept:3|g')
      await until('more points wait', async () => (await status(kymo)).store.waitingPoints > 1_500)
      expect((await fetch(kymo.url('/health'))).status).toBe(200)
      expect(await kymo.values(FLUSHED)).toContain(1)
      expect(kymo.stderr.split('the store takes nothing').length - 1).toBe(1)

      rmSync(join(disk, 'ballast'))
      await until('nothing waits', async () => (await status(kymo)).store.waitingPoints === 0)
      await until('it is ready', async () => (await fetch(kymo.url('/ready'))).status === 200)
      const values = await kymo.values(FLUSHED)
      expect(values).toEqual(values.toSorted((a, b) => a - b))
      expect(new Set(values)).toEqual(new Set([1, 2, 3]))
      expect(kymo.stderr).toContain('the store takes points again')
      expect(await kymo.end('SIGKILL')).toBe('SIGKILL')

      // What waited is as safe as the rest.
      const again = await KymoProcess.start({ data, env: { KYMO_STORE_RESERVED_SPACE: '0B' } })
      started.push(again)
      expect((await again.values(FLUSHED)).slice(0, values.length)).toEqual(values)
    },
  )
})

async function status(kymo: KymoProcess): Promise<StoreStatus> {
  return await kymo.json<StoreStatus>('/api/status')
}

/** Leaves so much free on the disk. */
function fillUp(freeBytes: number): void {
  const { bsize, bavail } = statfsSync(disk)
  const ballast = Buffer.alloc(Math.max(0, bsize * bavail - freeBytes))
  try {
    writeFileSync(join(disk, 'ballast'), ballast)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error
  }
}

function mayMount(): boolean {
  const place = temporaryDirectory()
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=65536', 'kymo-test', place], { stdio: 'ignore' })
    execFileSync('umount', [place], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}
