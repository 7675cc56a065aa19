import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { brotliDecompressSync, gunzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { loadStaticSite, type StaticSite } from './static-site.ts'

let folder: string
let site: StaticSite
const script = `console.log("${'kymo '.repeat(1000)}")`

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kymo-site-'))
  const root = join(folder, 'dist')
  await mkdir(join(root, 'assets'), { recursive: true })
  await writeFile(join(root, 'index.html'), '<!doctype html><title>Kymo</title>')
  await writeFile(join(root, 'assets', 'app-1a2b.js'), script)
  await writeFile(join(root, 'favicon.bin'), 'x')
  await writeFile(join(folder, 'secret.txt'), 'secret')
  await symlink(join(folder, 'secret.txt'), join(root, 'link.txt'))
  site = await loadStaticSite(root)
})

afterAll(async () => {
  await rm(folder, { recursive: true })
})

function bodyOf(path: string, from = site): string {
  const body = from.answer(path, {})?.body
  return Buffer.isBuffer(body) ? body.toString() : 'no bytes'
}

test('the index is at / and may be asked for anew each time', () => {
  const answer = site.answer('/', {})
  expect(bodyOf('/')).toBe('<!doctype html><title>Kymo</title>')
  expect(bodyOf('/index.html')).toBe(bodyOf('/'))
  expect(answer?.contentType).toBe('text/html; charset=utf-8')
  expect(answer?.headers?.['cache-control']).toBe('no-cache')
})

test('the policy of a page lets it load nothing that is not ours', () => {
  const policy = site.answer('/', {})?.headers?.['content-security-policy'] ?? ''
  expect(policy).toContain("default-src 'self'")
  expect(policy).toContain("frame-ancestors 'none'")
  expect(policy).not.toContain('unsafe')
})

test('files with a hash in their name never go stale', () => {
  expect(site.answer('/assets/app-1a2b.js', {})?.headers?.['cache-control']).toContain('immutable')
})

test('a type that nobody knows is bytes', () => {
  expect(site.answer('/favicon.bin', {})?.contentType).toBe('application/octet-stream')
})

describe('compression', () => {
  const cases: [accept: string | undefined, encoding: string | undefined][] = [
    [undefined, undefined],
    ['gzip, deflate, br', 'br'],
    ['gzip', 'gzip'],
    ['GZIP;q=0.5', 'gzip'],
    ['br;q=0, gzip', 'gzip'],
    ['br;q=0, gzip;q=0.0', undefined],
    ['deflate', undefined],
    ['*', undefined],
  ]
  test.each(cases)('a client that accepts %j is sent %j', (accept, encoding) => {
    const headers = accept === undefined ? {} : { 'accept-encoding': accept }
    const answer = site.answer('/assets/app-1a2b.js', headers)
    const body = answer?.body as Buffer
    expect(answer?.headers?.['content-encoding']).toBe(encoding)
    const plain =
      encoding === 'br' ? brotliDecompressSync(body) : encoding === 'gzip' ? gunzipSync(body) : body
    expect(plain.toString()).toBe(script)
  })

  test('a file too small to gain stays as it is', () => {
    expect(site.answer('/', { 'accept-encoding': 'br' })?.headers?.['content-encoding']).toBeUndefined()
  })
})

describe('a client that has the file already', () => {
  const path = '/assets/app-1a2b.js'
  const tagOf = (accept: string): string =>
    String(site.answer(path, { 'accept-encoding': accept })?.headers?.etag)

  test('is told so', () => {
    for (const list of [tagOf(''), `"other", ${tagOf('')}`, `W/${tagOf('')}`, '*']) {
      expect(site.answer(path, { 'if-none-match': list })).toMatchObject({ status: 304, body: '' })
    }
    expect(site.answer(path, { 'if-none-match': '"other"' })?.status).toBeUndefined()
  })

  test('each encoding has a tag of its own', () => {
    expect(new Set([tagOf(''), tagOf('br'), tagOf('gzip')]).size).toBe(3)
  })
})

test.each([
  '/../secret.txt',
  '/%2e%2e/secret.txt',
  '/assets/../../secret.txt',
  '/assets/..%2f..%2fsecret.txt',
  '/link.txt',
  '//index.html',
  '/assets',
  '/assets/',
  '/index.html\0',
  '\\..\\secret.txt',
  '__proto__',
  '/constructor',
  '',
])('%j is nothing that is there', (path) => {
  expect(site.answer(path, {})).toBeUndefined()
})

test.each([undefined, join(tmpdir(), 'kymo-that-is-not-there')])(
  'where nothing was built (%s), / says how to build it',
  async (root) => {
    const empty = await loadStaticSite(root)
    expect(bodyOf('/', empty)).toContain('npm run build')
    expect(empty.answer('/assets/app.js', {})).toBeUndefined()
  },
)
