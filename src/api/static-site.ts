import { createHash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { extname, join, relative, sep } from 'node:path'
import { promisify } from 'node:util'
import { brotliCompress, constants, gzip } from 'node:zlib'
import type { IncomingHttpHeaders } from 'node:http'
import type { RouteAnswer } from './route.ts'

/**
 * The web app, read into memory once. A request is a look-up in a Map of the paths that were there at start, so no
 * path of a request ever reaches the file system.
 */
export interface StaticSite {
  /** The answer for a path, undefined where there is no such file. */
  answer(path: string, headers: IncomingHttpHeaders): RouteAnswer | undefined
}

interface StaticFile {
  readonly contentType: string
  readonly cacheControl: string
  /** Without quotes; each encoding adds its own ending. */
  readonly tag: string
  readonly plain: Buffer
  readonly encoded: Readonly<Partial<Record<Encoding, Buffer>>>
}

const ENCODINGS = ['br', 'gzip'] as const
type Encoding = (typeof ENCODINGS)[number]

/** The app loads its own files and talks to its own server, nothing else; and no page may frame it. */
const CONTENT_SECURITY_POLICY = [
  "default-src 'self'",
  "img-src 'self' data:",
  "object-src 'none'",
  "base-uri 'none'",
  "form-action 'self'",
  "frame-ancestors 'none'",
].join('; ')

const CONTENT_TYPES: ReadonlyMap<string, string> = new Map([
  ['.html', 'text/html; charset=utf-8'],
  ['.js', 'text/javascript; charset=utf-8'],
  ['.css', 'text/css; charset=utf-8'],
  ['.json', 'application/json; charset=utf-8'],
  ['.map', 'application/json; charset=utf-8'],
  ['.svg', 'image/svg+xml; charset=utf-8'],
  ['.txt', 'text/plain; charset=utf-8'],
  ['.webmanifest', 'application/manifest+json; charset=utf-8'],
  ['.png', 'image/png'],
  ['.ico', 'image/x-icon'],
  ['.woff2', 'font/woff2'],
])

/** Files below this size gain nothing from compression. */
const MIN_ENCODED_BYTES = 1024

const compressGzip = promisify(gzip)
const compressBrotli = promisify(brotliCompress)

/** Reads all files below `root`. Without a root, or where nothing was built, `/` says how to build the app. */
export async function loadStaticSite(root?: string): Promise<StaticSite> {
  const files = new Map<string, StaticFile>()
  for (const path of root === undefined ? [] : await listFiles(root)) {
    const url = `/${relative(root ?? '', path)
      .split(sep)
      .join('/')}`
    files.set(url, await describeFile(url, await readFile(path)))
  }
  const index = files.get('/index.html') ?? (await describeFile('/index.html', Buffer.from(NOT_BUILT_PAGE)))
  files.set('/', index)

  return {
    answer(path, headers) {
      const file = files.get(path)
      return file === undefined ? undefined : answerFile(file, headers)
    },
  }
}

const NOT_BUILT_PAGE = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>Kymo</title>
<h1>Kymo is running</h1>
<p>The web app has not been built. In a clone, run <code>npm run build</code> and start again.</p>
<p>Meanwhile: <a href="/api/status">status</a>, <a href="/metrics">metrics about Kymo itself</a>,
<a href="/api/openapi.json">every route</a>.</p>
</html>
`

/** Plain files only: a link could lead out of the folder. */
async function listFiles(root: string): Promise<string[]> {
  try {
    const entries = await readdir(root, { recursive: true, withFileTypes: true })
    return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name))
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
    throw error
  }
}

async function describeFile(url: string, plain: Buffer): Promise<StaticFile> {
  const contentType = CONTENT_TYPES.get(extname(url)) ?? 'application/octet-stream'
  const isText = contentType.includes('charset')
  return {
    contentType,
    // The build puts a hash of the content into the names below /assets, so what they hold never changes.
    cacheControl: url.startsWith('/assets/') ? 'public, max-age=31536000, immutable' : 'no-cache',
    tag: createHash('sha256').update(plain).digest('base64url').slice(0, 22),
    plain,
    encoded: isText && plain.length >= MIN_ENCODED_BYTES ? await encode(plain) : {},
  }
}

async function encode(plain: Buffer): Promise<Record<Encoding, Buffer>> {
  // Medium quality: this runs at every start, and the slowest settings take seconds for a few percent.
  const params = { [constants.BROTLI_PARAM_QUALITY]: 5, [constants.BROTLI_PARAM_SIZE_HINT]: plain.length }
  const [br, gzipped] = await Promise.all([compressBrotli(plain, { params }), compressGzip(plain)])
  return { br, gzip: gzipped }
}

function answerFile(file: StaticFile, headers: IncomingHttpHeaders): RouteAnswer {
  const encoding = chooseEncoding(file, headers['accept-encoding'])
  const etag = encoding === undefined ? `"${file.tag}"` : `"${file.tag}-${encoding}"`
  const answerHeaders: Record<string, string> = {
    'cache-control': file.cacheControl,
    'content-security-policy': CONTENT_SECURITY_POLICY,
    etag,
    vary: 'accept-encoding',
  }
  if (hasTag(headers['if-none-match'], etag)) {
    return { status: 304, contentType: file.contentType, headers: answerHeaders, body: '' }
  }
  if (encoding !== undefined) answerHeaders['content-encoding'] = encoding
  const body = encoding === undefined ? file.plain : (file.encoded[encoding] ?? file.plain)
  return { contentType: file.contentType, headers: answerHeaders, body }
}

function chooseEncoding(
  file: StaticFile,
  acceptEncoding: string | string[] | undefined,
): Encoding | undefined {
  const accepted = new Map(
    String(acceptEncoding ?? '')
      .toLowerCase()
      .split(',')
      .map((item) => {
        const [name = '', quality = ''] = item.split(';')
        return [name.trim(), !/^\s*q=0(\.0*)?\s*$/.test(quality)]
      }),
  )
  return ENCODINGS.find((encoding) => accepted.get(encoding) === true && file.encoded[encoding] !== undefined)
}

function hasTag(ifNoneMatch: string | undefined, etag: string): boolean {
  if (ifNoneMatch === undefined) return false
  return ifNoneMatch.split(',').some((item) => {
    const tag = item.trim().replace(/^W\//, '')
    return tag === '*' || tag === etag
  })
}
