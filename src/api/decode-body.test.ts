import { gzipSync, zstdCompressSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { decodeBody } from './decode-body.ts'

const TEXT = Buffer.from('a 1 1700000000\n'.repeat(100))

test.each([
  ['gzip', gzipSync(TEXT)],
  ['GZIP ', gzipSync(TEXT)],
  ['zstd', zstdCompressSync(TEXT)],
  ['identity', TEXT],
  [undefined, TEXT],
])('%s', async (coding, body) => {
  expect(Buffer.from(await decodeBody(body, coding, TEXT.length))).toEqual(TEXT)
})

test.each([
  ['gzip', gzipSync(Buffer.alloc(64 * 1024 * 1024))],
  ['zstd', zstdCompressSync(Buffer.alloc(64 * 1024 * 1024))],
])('a bomb of %s ends at the limit', async (coding, bomb) => {
  expect(bomb.length).toBeLessThan(100_000)
  const before = process.memoryUsage.rss()
  await expect(decodeBody(bomb, coding, 1_000_000)).rejects.toMatchObject({
    code: 'body-too-large',
    httpStatus: 413,
  })
  expect(process.memoryUsage.rss() - before).toBeLessThan(32 * 1024 * 1024)
})

test.each([
  ['gzip', Buffer.from('plain'), 'request-invalid'],
  ['gzip', gzipSync(TEXT).subarray(0, 30), 'request-invalid'],
  ['zstd', gzipSync(TEXT), 'request-invalid'],
  ['zstd', zstdCompressSync(TEXT).subarray(0, 20), 'request-invalid'],
  ['gzip, gzip', gzipSync(gzipSync(TEXT)), 'body-unsupported'],
  ['br', TEXT, 'body-unsupported'],
  ['__proto__', TEXT, 'body-unsupported'],
  ['x'.repeat(10_000), TEXT, 'body-unsupported'],
])('%s that is none is refused', async (coding, body, code) => {
  await expect(decodeBody(body, coding, 1_000_000)).rejects.toMatchObject({ code })
})
