import { writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { afterAll, beforeAll, test } from 'vitest'
import { cleanUp, KymoProcess, temporaryDirectory, until } from './harness/kymo.ts'

// Pickled points through a whole Kymo, and back out of /render.
let kymo: KymoProcess

beforeAll(async () => {
  const directory = temporaryDirectory()
  writeFileSync(join(directory, 'kymo.yaml'), 'graphite: {pickle_port: 0}\n')
  kymo = await KymoProcess.start({ args: [join(directory, 'kymo.yaml')] })
})
afterAll(cleanUp)

const NOW = Math.floor(Date.now() / 1_000)

function message(pickle: string): Buffer {
  const bytes = Buffer.from(pickle, 'latin1')
  const header = Buffer.alloc(4)
  header.writeUInt32BE(bytes.length)
  return Buffer.concat([header, bytes])
}

test('points that come pickled are kept, and the rest is counted', async () => {
  const socket = connect(kymo.port('pickle'), '127.0.0.1')
  socket.write(message(`(l(S'pickled;b=2;a=1'\n(L${NOW}L\nS'1.5'\ntta(S'pickled.bad'\n(I1\nNtta.`))
  socket.end(message("cos\nsystem\n(S'touch pwned'\ntR."))
  await until('all three are counted', async () => {
    const { lines } = await kymo.json<{ lines: { received: number; accepted: number; rejected: number } }>(
      '/api/status',
    )
    return lines.received === 3 && lines.accepted === 1 && lines.rejected === 2
  })
  await until('the point is kept', async () => {
    const [series] = await kymo.json<{ datapoints: [number | null, number][] }[]>(
      '/render?target=pickled;a=1;b=2&from=-1min&until=%2B1min&noNullPoints=1&format=json',
    )
    return series?.datapoints.at(-1)?.[0] === 1.5
  })
})
