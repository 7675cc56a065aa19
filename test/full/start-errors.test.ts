import { createServer } from 'node:net'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { join } from 'node:path'
import { writeFileSync } from 'node:fs'
import { afterAll, describe, expect, test } from 'vitest'
import { cleanUp, KymoProcess, temporaryDirectory } from '../harness/kymo.ts'

afterAll(cleanUp)

describe('what can go wrong at the start is said in one clear sentence', () => {
  test('an address that another program has: 4', async () => {
    const other = createServer().listen(0, '127.0.0.1')
    await once(other, 'listening')
    const port = (other.address() as { port: number }).port
    const kymo = KymoProcess.launch({ args: ['--http-port', String(port)] })
    expect(await kymo.ended()).toBe(4)
    expect(kymo.stderr).toMatch(new RegExp(`address-in-use.*127\\.0\\.0\\.1:${port}`, 's'))
    expect(kymo.stderr).toContain('--http-port')
    other.close()
  })

  test('a UDP port that another process would share: 4', async () => {
    const other = createSocket({ type: 'udp4', reuseAddr: true, reusePort: true })
    other.bind(0, '127.0.0.1')
    await once(other, 'listening')
    const port = String(other.address().port)
    for (const receivers of ['1', '2']) {
      const kymo = KymoProcess.launch({ args: ['--statsd-port', port, '--receivers', receivers] })
      expect(await kymo.ended()).toBe(4)
      expect(kymo.stderr).toContain('--statsd-port')
    }
    other.close()
  })

  test('a data directory in use: 5', async () => {
    const first = await KymoProcess.start()
    const second = KymoProcess.launch({ data: first.data })
    expect(await second.ended()).toBe(5)
    expect(second.stderr).toContain(first.data)
    expect((await fetch(first.url('/ready'))).status).toBe(200)
  })

  test('a data directory that is a file: 1', async () => {
    const path = join(temporaryDirectory(), 'file')
    writeFileSync(path, 'not a directory')
    const kymo = KymoProcess.launch({ data: path, cwd: temporaryDirectory() })
    expect(await kymo.ended()).toBe(1)
    expect(kymo.stderr).toContain(path)
  })

  test('a data directory that cannot be made: 2', async () => {
    const kymo = KymoProcess.launch({ data: '/proc/nowhere/kymo', cwd: temporaryDirectory() })
    expect(await kymo.ended()).toBe(2)
    expect(kymo.stderr).toContain('/proc/nowhere/kymo')
  })

  test('a broken configuration: 78, every problem at once, with line and column', async () => {
    const directory = temporaryDirectory()
    const path = join(directory, 'kymo.yaml')
    writeFileSync(path, 'flush:\n  intervall: 10s\nhttp:\n  port: 99999\nstore:\n  fsync: never\n')
    const kymo = KymoProcess.launch({ cwd: directory, args: [path] })
    expect(await kymo.ended()).toBe(78)
    expect(kymo.stderr).toMatch(/kymo\.yaml:2:3.*interval/)
    expect(kymo.stderr).toMatch(/kymo\.yaml:4:9/)
    expect(kymo.stderr).toMatch(/kymo\.yaml:6:10/)
  })

  test('HTTP open to others without credentials: 78', async () => {
    const kymo = KymoProcess.launch({ args: ['--http-listen', '0.0.0.0'] })
    expect(await kymo.ended()).toBe(78)
    expect(kymo.stderr).toContain('--insecure-open')
  })

  test('an unknown flag: 64', async () => {
    const kymo = KymoProcess.launch({ args: ['--flush-intervall', '10s'] })
    expect(await kymo.ended()).toBe(64)
    expect(kymo.stderr).toContain('--flush-interval')
  })
})
