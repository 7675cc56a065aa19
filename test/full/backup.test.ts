import { spawnSync } from 'node:child_process'
import { connect } from 'node:net'
import { once } from 'node:events'
import { join, resolve } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { cleanUp, KymoProcess, temporaryDirectory, until } from '../harness/kymo.ts'

afterAll(cleanUp)

const command = resolve(import.meta.dirname, '..', '..', 'bin', 'kymo.js')

function kymoCommand(...argv: string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [command, ...argv], { encoding: 'utf8' })
  return { status, stdout, stderr }
}

// Counter i of series s is sent as value i at second i: what is there tells up to where a backup goes, and whether anything is missing in it.
test('backups under load are whole, restore, and have all that was there when they were asked for', {
  timeout: 120_000,
}, async () => {
  const kymo = await KymoProcess.start()
  const folder = temporaryDirectory()
  const beginSeconds = Math.floor(Date.now() / 1_000) - 5_000
  const socket = connect(kymo.port('graphite'), '127.0.0.1')
  await once(socket, 'connect')
  let sent = 0
  let isSending = true
  const traffic = (async () => {
    while (isSending && sent < 4_900) {
      const lines = Array.from(
        { length: 200 },
        (_, series) => `load.s${series} ${sent} ${beginSeconds + sent}\n`,
      )
      sent += 1
      if (!socket.write(lines.join(''))) await once(socket, 'drain')
      await kymo.udp(`stats.noise:${sent}|c`)
      await new Promise((resolve) => setTimeout(resolve, 2))
    }
  })()
  const asked: { readonly path: string; readonly atLeast: number }[] = []
  for (const round of [1, 2, 3]) {
    const before = sent + 100
    await until('some more is sent', () => sent >= before)
    // What a read sees was taken in.
    const seen = await kymo.values('load.s199')
    const path = join(folder, `backup${round}`)
    const { status, stderr } = kymoCommand('backup', path, '--url', kymo.url('').replace(/\/$/, ''))
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
    asked.push({ path, atLeast: seen.length })
  }
  isSending = false
  await traffic
  socket.end()
  expect(await kymo.end()).toBe(0)

  for (const { path, atLeast } of asked) {
    const data = `${path}.restored`
    expect(kymoCommand('verify', path)).toMatchObject({ status: 0 })
    expect(kymoCommand('restore', path, '--data', data)).toMatchObject({ status: 0, stderr: '' })
    const restored = await KymoProcess.start({ data })
    const lengths = new Set<number>()
    for (const name of ['load.s0', 'load.s100', 'load.s199']) {
      const [series] = await restored.render(name, String(beginSeconds - 1), String(beginSeconds + 5_000))
      const values = (series?.datapoints ?? []).map(([value]) => value).filter((value) => value !== null)
      expect(values).toEqual(Array.from(values, (_, index) => index))
      lengths.add(values.length)
    }
    expect(Math.min(...lengths)).toBeGreaterThanOrEqual(atLeast)
    expect(await restored.end()).toBe(0)
  }
})

test('dashboards and events are in a backup of a Kymo that runs, and of one that does not', async () => {
  const kymo = await KymoProcess.start()
  const folder = temporaryDirectory()
  const json = { method: 'POST', headers: { 'content-type': 'application/json' } }
  const dashboard = { version: 1, title: 'The shop', panels: [] }
  await kymo.json('/api/dashboards/shop', { ...json, body: JSON.stringify({ dashboard, revision: null }) })
  await kymo.json('/events/', { ...json, body: JSON.stringify({ what: 'deploy' }) })
  const running = kymoCommand('backup', join(folder, 'running'), '--url', kymo.url('').replace(/\/$/, ''))
  expect(running).toMatchObject({ status: 0, stderr: '' })
  expect(await kymo.end()).toBe(0)
  const stopped = kymoCommand('backup', join(folder, 'stopped'), '--data', kymo.data)
  expect(stopped).toMatchObject({ status: 0, stderr: '' })
  for (const name of ['running', 'stopped']) {
    const data = join(folder, `${name}.restored`)
    expect(kymoCommand('restore', join(folder, name), '--data', data)).toMatchObject({
      status: 0,
      stderr: '',
    })
    const restored = await KymoProcess.start({ data })
    expect(await restored.json('/api/dashboards')).toMatchObject({
      dashboards: [{ id: 'shop', title: 'The shop' }],
    })
    expect(await restored.json('/events?from=-1h')).toMatchObject({ events: [{ title: 'deploy' }] })
    expect(await restored.end()).toBe(0)
  }
})
