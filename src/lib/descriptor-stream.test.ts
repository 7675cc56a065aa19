import { spawn } from 'node:child_process'
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { once } from 'node:events'
import { expect, test } from 'vitest'
import { systemClock } from './clock.ts'
import { DescriptorStream } from './descriptor-stream.ts'

test('what is written arrives, in order', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'kymo-descriptor-'))
  const file = openSync(join(directory, 'out'), 'w')
  const stream = new DescriptorStream(file, systemClock)
  for (let i = 0; i < 1_000; i++) stream.write(`line ${i}\n`)
  await new Promise<void>((resolve) => stream.end(resolve))
  closeSync(file)
  const text = readFileSync(join(directory, 'out'), 'utf8')
  rmSync(directory, { recursive: true })
  expect(text).toBe(Array.from({ length: 1_000 }, (_, i) => `line ${i}\n`).join(''))
})

test('a pipe that is full and in non-blocking mode is waited for', async () => {
  // Touching process.stdout puts the pipe in non-blocking mode; 4 MB do not fit in it.
  const script = `
    import { DescriptorStream } from '${new URL('./descriptor-stream.ts', import.meta.url).href}'
    import { systemClock } from '${new URL('./clock.ts', import.meta.url).href}'
    process.stdout.write('')
    const stream = new DescriptorStream(1, systemClock)
    for (let i = 0; i < 4_000; i++) stream.write('x'.repeat(1_000))
    stream.end()`
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  child.stdout.pause()
  await new Promise((resolve) => setTimeout(resolve, 300))
  let bytes = 0
  child.stdout.on('data', (chunk: Buffer) => (bytes += chunk.length))
  child.stdout.resume()
  await once(child, 'close')
  expect(bytes).toBe(4_000_000)
})

test('a descriptor that is closed is an error of the stream', async () => {
  const stream = new DescriptorStream(987_654, systemClock)
  stream.write('lost')
  const [error] = (await once(stream, 'error')) as [NodeJS.ErrnoException]
  expect(error.code).toBe('EBADF')
})
