import type { Socket } from 'node:net'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { systemClock } from '../../lib/clock.ts'
import { KymoError } from '../../telemetry/errors.ts'
import { HttpTestServer, type ReceivedRequest } from '../testdata/http-server.ts'
import { KeptLetters } from '../testdata/sink-context.ts'
import { COMPRESSIONS } from './http-options.ts'
import { HttpSender, type HttpSenderOptions, type RequestShape } from './http-sender.ts'

const { signal } = new AbortController()

let server: HttpTestServer
let letters: KeptLetters
let sender: HttpSender

beforeEach(async () => {
  server = await HttpTestServer.start()
  letters = new KeptLetters()
  sender = newSender()
})

afterEach(async () => {
  sender.close()
  await server.stop()
})

function newSender(options: Partial<HttpSenderOptions> = {}): HttpSender {
  return new HttpSender({
    name: 'test',
    compression: 'none',
    timeoutMs: 5_000,
    concurrency: 1,
    context: { clock: systemClock, deadLetters: letters },
    ...options,
  })
}

/** Items are words, a line each. */
function words(options: Partial<RequestShape<string>> = {}): RequestShape<string> {
  return {
    url: new URL('/write?a=b', server.url),
    headers: { 'content-type': 'text/plain', authorization: 'secret' },
    mostItems: 1_000,
    mostBytes: 1_000_000,
    bytesOf: (word) => word.length + 1,
    pointsOf: () => 1,
    encode: (items) => items.map((word) => `${word}\n`).join(''),
    describe: (word) => ({ word }),
    ...options,
  }
}

const send = (items: readonly string[], shape = words(), batch: object = {}) =>
  sender.send(batch, items, shape, signal)

async function errorOf(sending: Promise<unknown>): Promise<KymoError> {
  const error = await sending.then(
    () => 'nothing was thrown',
    (thrown: unknown) => thrown,
  )
  expect(error).toBeInstanceOf(KymoError)
  return error as KymoError
}

describe('requests', () => {
  test.each(COMPRESSIONS)('go out whole, compressed by %s', async (compression) => {
    sender = newSender({ compression })
    const result = await send(['a', 'b'])
    expect(server.requests).toMatchObject([{ method: 'POST', path: '/write?a=b' }])
    expect(server.requests[0]?.headers).toMatchObject({
      'content-type': 'text/plain',
      authorization: 'secret',
    })
    expect(server.bodies).toEqual(['a\nb\n'])
    expect(result).toMatchObject({ refusedPoints: 0 })
    expect(result.sending?.bytes).toBe(Number(server.requests[0]?.headers['content-length']))
  })

  test('hold as many items as they may, and as many bytes', async () => {
    await send(['a', 'b', 'c', 'd', 'e'], words({ mostItems: 2 }))
    await send(['a', 'bbb', 'too.long.for.one', 'c'], words({ mostBytes: 6 }))
    expect(server.bodies).toEqual(['a\nb\n', 'c\nd\n', 'e\n', 'a\nbbb\n', 'too.long.for.one\n', 'c\n'])
  })

  test('are none for no items', async () => {
    expect(await send([])).toMatchObject({ refusedPoints: 0 })
    expect(server.requests).toEqual([])
  })

  test('are as many at once as may be', async () => {
    sender = newSender({ concurrency: 3 })
    let open = 0
    let most = 0
    server.reply = (_request, response) => {
      most = Math.max(most, ++open)
      setTimeout(() => {
        open -= 1
        response.writeHead(204).end()
      }, 30)
      return undefined
    }
    await send(['a', 'b', 'c', 'd', 'e', 'f', 'g'], words({ mostItems: 1 }))
    expect([server.requests.length, most]).toEqual([7, 3])
  })

  test('are signed by what is in them', async () => {
    await send(['a'], words({ sign: (body) => ({ 'x-length': String(body.length) }) }))
    expect(server.requests[0]?.headers['x-length']).toBe('2')
  })
})

describe('an answer', () => {
  test.each([
    [429, 'sink-busy'],
    [408, 'sink-busy'],
    [500, 'sink-busy'],
    [503, 'sink-busy'],
    [401, 'sink-denied'],
    [403, 'sink-denied'],
    [404, 'sink-denied'],
    [301, 'sink-denied'],
    [307, 'sink-denied'],
  ])('of %d is %s, and worth another try', async (status, code) => {
    server.reply = () => ({
      status,
      body: 'because\n\u001b[2Jof this',
      headers: { location: 'http://elsewhere/' },
    })
    const error = await errorOf(send(['a']))
    expect([error.code, error.isRetryable]).toEqual([code, true])
    expect(error.message).toContain(`HTTP ${status}`)
    expect(error.message).toContain('because')
    expect(error.message).not.toContain('\u001b')
    expect(letters.letters).toEqual([])
    // Nothing follows to another place.
    expect(server.requests).toHaveLength(1)
  })

  test.each([
    ['7', 7_000],
    ['0', 0],
    [new Date(Date.now() + 86_400_000).toUTCString(), 86_400_000],
    ['soon', undefined],
    ['-5', undefined],
  ])('that says Retry-After: %s', async (header, wantedMs) => {
    server.reply = () => ({ status: 503, headers: { 'retry-after': header } })
    const { retryAfterMs } = await errorOf(send(['a']))
    if (wantedMs === undefined) expect(retryAfterMs).toBeUndefined()
    else expect(Math.abs((retryAfterMs ?? Number.NaN) - wantedMs)).toBeLessThan(wantedMs / 2 + 1)
  })

  test('of a gigabyte is not read', async () => {
    const piece = Buffer.alloc(1 << 20, 'x')
    let written = 0
    server.reply = (_request, response) => {
      response.writeHead(200, { 'content-length': String(1 << 30) })
      const more = (): void => {
        for (; written < 1 << 30; written += piece.length) if (!response.write(piece)) break
      }
      response.on('drain', more)
      more()
      return undefined
    }
    expect(await send(['a'])).toMatchObject({ refusedPoints: 0 })
    expect(written).toBeLessThan(1 << 28)
  })

  test('that does not come in time is a failure to be tried again', async () => {
    sender = newSender({ timeoutMs: 50 })
    server.reply = () => undefined
    const error = await errorOf(send(['a']))
    expect(error.code).toBe('sink-unreachable')
    expect(error.message).toContain('0.05 s')
  })

  test('that comes one byte at a time is waited for as long as any other', async () => {
    sender = newSender({ timeoutMs: 200 })
    server.reply = (_request, response) => {
      response.writeHead(200, { 'content-length': '1000' })
      const timer = setInterval(() => response.write('.'), 20)
      response.on('close', () => clearInterval(timer))
      return undefined
    }
    expect((await errorOf(send(['a']))).code).toBe('sink-unreachable')
  })

  test('that breaks off is a failure to be tried again', async () => {
    server.reply = (_request, response) => {
      response.writeHead(200, { 'content-length': '1000' })
      response.write('x')
      response.destroy()
      return undefined
    }
    expect((await errorOf(send(['a']))).code).toBe('sink-unreachable')
  })

  test('is told by the shape which items it says no to', async () => {
    const shape = words({
      readAnswer: (_answer, items) =>
        items.filter((word) => word === 'b').map((item) => ({ item, reason: 'no b' })),
    })
    expect(await send(['a', 'b'], shape)).toMatchObject({ refusedPoints: 1 })
    expect(letters.letters).toEqual([{ reason: 'no b', item: { word: 'b' } }])
  })
})

describe('a request that is refused', () => {
  const refuse =
    (bad: readonly string[], status = 400) =>
    ({ body }: ReceivedRequest) =>
      bad.some((word) => body.toString().split('\n').includes(word))
        ? { status, body: 'bad point' }
        : { status: 204 }

  test.each([400, 413, 422])('with %d is divided until the one to blame is alone', async (status) => {
    server.reply = refuse(['poison', 'more'], status)
    const items = Array.from({ length: 100 }, (_, index) => `word${index}`)
    items[17] = 'poison'
    items[70] = 'more'
    expect(await send(items)).toMatchObject({ refusedPoints: 2 })
    expect(letters.letters.map(({ item }) => item)).toEqual([{ word: 'poison' }, { word: 'more' }])
    expect(letters.letters[0]?.reason).toContain(`HTTP ${status}`)
    expect(letters.codes).toEqual(['sink-refused', 'sink-refused'])
    const taken = server.bodies
      .filter((body) => !/poison|more/.test(body))
      .flatMap((body) => body.split('\n').slice(0, -1))
    expect(taken.toSorted()).toEqual(items.filter((word) => !/poison|more/.test(word)).toSorted())
  })

  test('is not divided where the answer says which items it means', async () => {
    server.reply = ({ body }) => (/b/.test(body.toString()) ? { status: 400, body: 'b' } : { status: 204 })
    const shape = words({
      readRefusal: ({ text }, items) =>
        items.filter((word) => text.includes(word)).map((item) => ({ item, reason: `no ${item}` })),
    })
    expect(await send(['a', 'b', 'c'], shape)).toMatchObject({ refusedPoints: 1 })
    expect(server.bodies).toEqual(['a\nb\nc\n'])
    expect(letters.letters).toEqual([{ reason: 'no b', item: { word: 'b' } }])
  })

  test('is divided where the answer does not say', async () => {
    server.reply = refuse(['b'])
    expect(await send(['a', 'b'], words({ readRefusal: () => undefined }))).toMatchObject({
      refusedPoints: 1,
    })
    expect(server.bodies).toEqual(['a\nb\n', 'a\n', 'b\n'])
  })

  test('by a server that takes nothing is not asked about for ever', async () => {
    server.reply = () => ({ status: 400 })
    const items = Array.from({ length: 5_000 }, (_, index) => `word${index}`)
    expect(await send(items)).toMatchObject({ refusedPoints: 5_000 })
    expect(server.requests.length).toBeLessThan(500)
  })
})

describe('a batch that is tried again', () => {
  test('goes on where it stopped', async () => {
    const batch = {}
    const shape = words({ mostItems: 1 })
    server.reply = ({ body }) => ({ status: body.toString() === 'c\n' ? 503 : 204 })
    await errorOf(send(['a', 'b', 'c', 'd'], shape, batch))
    server.reply = () => ({ status: 204 })
    await send(['a', 'b', 'c', 'd'], shape, batch)
    expect(server.bodies).toEqual(['a\n', 'b\n', 'c\n', 'c\n', 'd\n'])
  })

  test('counts once what was refused before', async () => {
    const batch = {}
    const shape = words({ mostItems: 1 })
    server.reply = ({ body }) => ({ status: { 'a\n': 400, 'b\n': 503 }[body.toString()] ?? 204 })
    await errorOf(send(['a', 'b'], shape, batch))
    server.reply = () => ({ status: 204 })
    expect(await send(['a', 'b'], shape, batch)).toMatchObject({ refusedPoints: 1 })
    expect(letters.letters).toHaveLength(1)
  })

  test('is another one, if it is another object', async () => {
    server.reply = ({ body }) => ({ status: body.toString() === 'b\n' ? 503 : 204 })
    await errorOf(send(['a', 'b'], words({ mostItems: 1 }), {}))
    server.reply = () => ({ status: 204 })
    await send(['a', 'b'], words({ mostItems: 1 }), {})
    expect(server.bodies).toEqual(['a\n', 'b\n', 'a\n', 'b\n'])
  })
})

describe('what an answer says no to for now', () => {
  const laterOnce = (): RequestShape<string> => {
    let asked = 0
    return words({
      mostItems: 4,
      readAnswer: (_answer, items) =>
        asked++ === 0
          ? items
              .filter((word) => word !== 'b')
              .map((item) =>
                item === 'c' ? { item, reason: 'no c' } : { item, reason: 'later', isRetryable: true },
              )
          : [],
    })
  }

  test('is sent again, without what was taken or refused', async () => {
    const batch = {}
    const shape = laterOnce()
    const error = await errorOf(send(['a', 'b', 'c', 'd', 'e'], shape, batch))
    expect([error.code, error.isRetryable]).toEqual(['sink-busy', true])
    expect(error.message).toContain('later')
    expect(await send(['a', 'b', 'c', 'd', 'e'], shape, batch)).toMatchObject({ refusedPoints: 1 })
    expect(server.bodies).toEqual(['a\nb\nc\nd\n', 'a\nd\n', 'e\n'])
    expect(letters.letters).toEqual([{ reason: 'no c', item: { word: 'c' } }])
  })
})

test('of a request that was divided, the half that was taken is not sent again', async () => {
  const batch = {}
  server.reply = ({ body }) => ({ status: { 'a\n': 204, 'b\n': 503 }[body.toString()] ?? 413 })
  await errorOf(send(['a', 'b'], words(), batch))
  server.reply = () => ({ status: 204 })
  await send(['a', 'b'], words(), batch)
  expect(server.bodies).toEqual(['a\nb\n', 'a\n', 'b\n', 'b\n'])
})

test('what no request can carry is given up, once', async () => {
  const batch = {}
  const shape = words({ problemOf: (word) => (word === 'bad' ? 'it is bad' : undefined) })
  server.reply = () => ({ status: 503 })
  await errorOf(send(['a', 'bad', 'b', 'bad'], shape, batch))
  server.reply = () => ({ status: 204 })
  expect(await send(['a', 'bad', 'b', 'bad'], shape, batch)).toMatchObject({ refusedPoints: 2 })
  expect(server.bodies).toEqual(['a\nb\n', 'a\nb\n'])
  expect(letters.letters).toEqual(Array(2).fill({ reason: 'it is bad', item: { word: 'bad' } }))
  expect(letters.codes).toEqual(['sink-unfit', 'sink-unfit'])
})

test('a request that means something as a whole is given up whole', async () => {
  server.reply = () => ({ status: 400 })
  expect(await send(['a', 'b', 'c'], words({ isIndivisible: true }))).toMatchObject({ refusedPoints: 3 })
  expect(server.requests).toHaveLength(1)
})

test('a kept connection that the other end has closed costs nothing', async () => {
  const sockets: Socket[] = []
  server.reply = (_request, response) => {
    if (response.socket !== null) sockets.push(response.socket)
    return { status: 204 }
  }
  for (let batch = 0; batch < 20; batch += 1) {
    await send([`word${batch}`])
    // The reset has come when the next request is made, but was not told yet.
    sockets.at(-1)?.resetAndDestroy()
  }
  expect(server.bodies).toEqual(Array.from({ length: 20 }, (_, batch) => `word${batch}\n`))
})

test('a shape may have a compression of its own', async () => {
  await send(['a'], words({ compression: 'gzip' }))
  expect(server.requests[0]?.headers['content-encoding']).toBe('gzip')
  expect(server.bodies).toEqual(['a\n'])
})

describe('the signal', () => {
  test('stops everything, and its reason is the error', async () => {
    const abort = new AbortController()
    server.reply = () => {
      abort.abort(new Error('enough'))
      return undefined
    }
    await expect(sender.send({}, ['a'], words(), abort.signal)).rejects.toThrow('enough')
  })

  test('that has aborted lets nothing out', async () => {
    await expect(sender.send({}, ['a'], words(), AbortSignal.abort())).rejects.toThrow()
    expect(server.requests).toEqual([])
  })
})

test('nobody there is a failure to be tried again', async () => {
  const { url } = server
  await server.stop()
  const error = await errorOf(send(['a'], words({ url: new URL(url) })))
  expect([error.code, error.isRetryable]).toEqual(['sink-unreachable', true])
})
