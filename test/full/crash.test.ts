import { afterAll, expect, test } from 'vitest'
import { cleanUp, KymoProcess, temporaryDirectory, until } from '../harness/kymo.ts'

afterAll(cleanUp)

// Traffic goes on while the process is killed, at a moment of nobody's choosing. What a flush had been answered for must
// be there afterwards, and no point may have changed.
test('kill -9 during traffic, ten times: it starts again by itself, and everything flushed before is there', async () => {
  const data = temporaryDirectory()
  const flushed = new Map<string, number>()
  for (let round = 0; round < 10; round++) {
    const kymo = await KymoProcess.start({ data, flushInterval: '100ms' })
    for (const [target, value] of flushed)
      expect(await kymo.values(target), `round ${round}: ${target}`).toEqual([value])
    let isAlive = true
    const traffic = (async () => {
      for (let i = 0; isAlive; i++) {
        await kymo
          .udp(
            Array.from({ length: 20 }, (_, n) => `noise.${n}.${i % 50}:${i}|c\nnoise.t.${n}:${i}|ms`).join(
              '\n',
            ),
          )
          .catch(() => {})
        if (i % 20 === 0) await new Promise((resolve) => setTimeout(resolve, 1))
      }
    })()
    for (let batch = 0; batch < 3; batch++) {
      const name = `proof.r${round}b${batch}`
      await kymo.tcp(`${name}:${round * 10 + batch}|g\n`)
      await until('the gauge is taken in', async () => {
        await kymo.flush()
        return (await kymo.values(`stats.gauges.${name}`)).length > 0
      })
      const values = await kymo.values(`stats.gauges.${name}`)
      expect(new Set(values)).toEqual(new Set([round * 10 + batch]))
    }
    // Sent with its own time, and answered for by a flush after it: one point, which cannot repeat.
    const seconds = Math.floor(Date.now() / 1_000) - 10
    await kymo.tcp(`proof.point.r${round} ${round + 0.5} ${seconds}\n`, 'graphite')
    await until('the point is there', async () => (await kymo.values(`proof.point.r${round}`)).length === 1)
    await kymo.flush()
    flushed.set(`proof.point.r${round}`, round + 0.5)
    await new Promise((resolve) => setTimeout(resolve, Math.random() * 150))
    expect(await kymo.end('SIGKILL')).toBe('SIGKILL')
    isAlive = false
    await traffic
  }
  const kymo = await KymoProcess.start({ data, flushInterval: '100ms' })
  for (const [target, value] of flushed) expect(await kymo.values(target)).toEqual([value])
  for (let round = 0; round < 10; round++) {
    for (let batch = 0; batch < 3; batch++) {
      const values = await kymo.values(`stats.gauges.proof.r${round}b${batch}`)
      expect(new Set(values), `gauge r${round}b${batch}`).toEqual(new Set([round * 10 + batch]))
    }
  }
  expect(await kymo.end()).toBe(0)
})

test('SIGTERM under traffic loses nothing that was taken in', async () => {
  const data = temporaryDirectory()
  let accepted = 0
  for (let round = 0; round < 5; round++) {
    const kymo = await KymoProcess.start({ data, flushInterval: '1s' })
    for (let i = 0; i < 200; i++) await kymo.udp('kept:1|c\nkept:1|c')
    await kymo.received(400)
    accepted += 400
    expect(await kymo.end()).toBe(0)
  }
  const kymo = await KymoProcess.start({ data, flushInterval: '1s' })
  await kymo.flush()
  const counts = await kymo.values('stats.counters.kept.count')
  expect(counts.reduce((sum, count) => sum + count, 0)).toBe(accepted)
})
