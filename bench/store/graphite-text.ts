// Points as lines of Graphite's plaintext: what every store here takes. Written to a file once, so that sending costs little.
import { once } from 'node:events'
import { closeSync, createReadStream, openSync, writeSync } from 'node:fs'
import { connect } from 'node:net'
import type { PointSet } from './point-set.ts'

const BYTES_PER_WRITE = 1_024 * 1_024

/** As agents send: all series of a step, then those of the next. */
export function writeGraphiteText(path: string, { series, startMs, stepMs }: PointSet): void {
  const fd = openSync(path, 'w')
  const steps = series[0]?.values.length ?? 0
  let text = ''
  for (let step = 0; step < steps; step++) {
    const seconds = (startMs + step * stepMs) / 1_000
    for (const { name, values } of series) {
      const value = values[step] ?? Number.NaN
      if (!Number.isNaN(value)) text += `${name} ${value} ${seconds}\n`
    }
    if (text.length < BYTES_PER_WRITE) continue
    writeSync(fd, text)
    text = ''
  }
  writeSync(fd, text)
  closeSync(fd)
}

/** Over one connection, as fast as it is taken. Resolves when the other end has closed too, and so has read all. */
export async function sendText(path: string, port: number): Promise<void> {
  const socket = connect({ port, host: '127.0.0.1' })
  await once(socket, 'connect')
  createReadStream(path, { highWaterMark: BYTES_PER_WRITE }).pipe(socket)
  socket.resume()
  await once(socket, 'close')
}
