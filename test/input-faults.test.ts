import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { StatusReport } from '../src/api/services.ts'
import { cleanUp, KymoProcess, temporaryDirectory, until } from './harness/kymo.ts'

// Whatever comes in, Kymo stays up, every line is counted under its reason, and nothing else is lost. What each line means
// is in the tables beside the decoders; here it comes by real sockets, and what is kept is asked for.

let kymo: KymoProcess

beforeAll(async () => {
  kymo = await KymoProcess.start({ flushInterval: '1d' })
})
afterAll(cleanUp)

type Reasons = Readonly<Record<string, number>>

/** What was received more than before, once it is this many lines: accepted and, by reason, rejected. */
async function countsOf(action: () => Promise<unknown>, lineCount: number, to = kymo) {
  const before = await linesOf(to)
  await action()
  // A long line is received a moment before it is known what becomes of it.
  await until(`${lineCount} lines are dealt with`, async () => {
    const { received, accepted, rejected } = await linesOf(to)
    return received >= before.received + lineCount && received === accepted + rejected
  })
  const after = await linesOf(to)
  expect(after.received).toBe(before.received + lineCount)
  const grown = Object.entries(after.rejectedByReason).map(
    ([reason, count]) => [reason, count - (before.rejectedByReason[reason] ?? 0)] as const,
  )
  return {
    accepted: after.accepted - before.accepted,
    rejected: Object.fromEntries(grown.filter(([, count]) => count > 0)),
  }
}

async function linesOf(of: KymoProcess): Promise<StatusReport['lines']> {
  return (await of.json<StatusReport>('/api/status')).lines
}

/** What comes too late for a flush, as it may where others use the machine, is in the next one. */
const RARELY = { interval: 500 }

/** The sum of what a counter was sent, over all flushes. */
async function sumOf(name: string, of = kymo): Promise<number> {
  await of.flush()
  return (await valuesOf(`stats.counters.${name}.count`, of)).reduce((sum, value) => sum + value, 0)
}

/** Each flush that was asked for lies a day further ahead. */
async function valuesOf(series: string, of = kymo): Promise<number[]> {
  const [found] = await of.render(series, '-1d', '+90d')
  return (found?.datapoints ?? []).map(([value]) => value).filter((value) => value !== null)
}

function nodes(count: number): string {
  return Array(count).fill('n').join('.')
}

function tags(count: number): string {
  return Array.from({ length: count }, (_, index) => `k${index}:v`).join()
}

describe('a line that asks for too much', () => {
  const byDefault: [what: string, line: string, reason: string][] = [
    ['a name of 4 KB', `${'n'.repeat(4_096)}:1|c`, 'name_too_long'],
    ['a name of 1,000 nodes', `${nodes(1_000)}:1|c`, 'name_too_long'],
    ['a short name of 500 nodes', `${nodes(500)}:1|c`, 'too_many_nodes'],
    ['200 tags', `a:1|c|#${tags(200)}`, 'too_many_tags'],
    ['200 tags of one key', `a:1|c|#${Array(200).fill('k:v').join()}`, 'too_many_tags'],
    [
      '5,000 tags in its name',
      `a;${tags(5_000).replaceAll(':', '=').replaceAll(',', ';')}:1|c`,
      'too_many_tags',
    ],
    ['a tag of 10 KB', `a:1|c|#k:${'v'.repeat(10_000)}`, 'tag_too_long'],
    ['a tag of 10 KB without a value', `a:1|c|#${'k'.repeat(10_000)}`, 'tag_too_long'],
  ]
  test.each(byDefault)('%s, is rejected, and its neighbours are not', async (_what, line, reason) => {
    const before = await sumOf('beside')
    const send = () => kymo.udp(`beside:1|c\n${line}\nbeside:1|c`)
    expect(await countsOf(send, 3)).toEqual({ accepted: 2, rejected: { [reason]: 1 } })
    await expect.poll(() => sumOf('beside'), RARELY).toBe(before + 2)
  })

  test('by the limits that are set, over UDP and TCP', async () => {
    const config = join(temporaryDirectory(), 'kymo.yaml')
    writeFileSync(config, 'statsd: {name_bytes: 20, name_nodes: 3, tags: 2, tag_bytes: 8}\n')
    const strict = await KymoProcess.start({ flushInterval: '1d', args: [config] })
    const lines = [
      `${'n'.repeat(20)}:1|c`,
      `${'n'.repeat(21)}:1|c`,
      'a.b.c:1|c',
      'a.b.c.d:1|c',
      'a:1|c|#k:v,l:w',
      'a:1|c|#k:v,l:w,m:x',
      'a:1|c|#key:value',
      'a:1|c|#key:value2',
      '',
    ].join('\n')
    const rejected = { name_too_long: 1, too_many_nodes: 1, too_many_tags: 1, tag_too_long: 1 }
    expect(await countsOf(() => strict.udp(lines), 8, strict)).toEqual({ accepted: 4, rejected })
    expect(await countsOf(() => strict.tcp(lines), 8, strict)).toEqual({ accepted: 4, rejected })
    await expect.poll(() => sumOf('a.b.c', strict), RARELY).toBe(2)
  })
})

test('packets of nothing are no lines', async () => {
  const packets = ['', '\n', '\n\n\n', '\r\n', '\r\n\r\n']
  const send = async () => {
    for (const packet of packets) await kymo.udp(packet)
    await kymo.udp('behind.nothing:1|c')
  }
  expect(await countsOf(send, 1)).toEqual({ accepted: 1, rejected: {} })
})

test('a piece of a line whose digits go on to the end of what was read is a line like any other', async () => {
  const piece = 'x\nx\ncut:1111111111'
  expect(await countsOf(() => kymo.tcp(piece), 3)).toEqual({
    accepted: 0,
    rejected: { no_value: 2, no_type: 1 },
  })
  expect(await countsOf(() => kymo.udp(piece), 3)).toEqual({
    accepted: 0,
    rejected: { no_value: 2, no_type: 1 },
  })
})

describe('packets as large as they can be', () => {
  const cases: [what: string, packet: string, lines: number, accepted: number, rejected: Reasons][] = [
    ['one line of 32,000 values', `big.packed${':1'.repeat(32_000)}|c`, 1, 1, {}],
    ['one line that is none', 'x'.repeat(65_507), 1, 0, { no_value: 1 }],
    ['6,500 lines', 'large:1|c\n'.repeat(6_500), 6_500, 6_500, {}],
    ['30,000 lines of one byte', 'x\n'.repeat(30_000), 30_000, 0, { no_value: 30_000 }],
  ]
  test.each(cases)('%s', async (_what, packet, lines, accepted, rejected) => {
    const send = () => kymo.udp(packet)
    expect(await countsOf(send, lines)).toEqual({ accepted, rejected })
  })

  test('are not so many lines of log', () => {
    expect(kymo.stderr.split('\n').filter((line) => line.includes('reject')).length).toBeLessThan(20)
  })
})

describe('names that are no plain text become what the published rule says, and are found under it', () => {
  const cases: [sent: string | Buffer, ascii: string | undefined, utf8: string | undefined][] = [
    [Buffer.from('bad\xffutf\xc3', 'latin1'), 'badutf', 'bad\ufffdutf\ufffd'],
    [Buffer.from('over\xc0\xaflong', 'latin1'), 'overlong', 'over\ufffd\ufffdlong'],
    ['\ufeffmark', '_mark', '_mark'],
    ['nul\u0000byte', 'nulbyte', 'nulbyte'],
    ['bell\u0007escape\u001b[31m', 'bellescape31m', 'bellescape[31m'],
    ['turned\u202eround', 'turnedround', 'turnedround'],
    ['smile🙂', 'smile', 'smile🙂'],
    ['größe', 'gre', 'größe'],
    ['.first', 'first', 'first'],
    ['last.', 'last', 'last'],
    ['in..between', 'in.between', 'in.between'],
    ['../../up', '-.-up', '/./up'],
    ['.', undefined, undefined],
    ['..', undefined, undefined],
    ['carriage\rreturn', 'carriage_return', 'carriage_return'],
  ]
  const goodCount = cases.filter(([, name]) => name !== undefined).length
  const wanted = { accepted: goodCount, rejected: { empty_name: cases.length - goodCount } }

  test.each([
    ['ascii', 1],
    ['utf8', 2],
  ] as const)('%s', async (names, column) => {
    const one = await KymoProcess.start({ flushInterval: '1d', env: { KYMO_STATSD_NAMES: names } })
    const send = async () => {
      // CR LF ends each of them.
      for (const [sent] of cases)
        await one.udp(Buffer.concat([Buffer.from(sent as string), Buffer.from(':1|c\r\n')]))
    }
    expect(await countsOf(send, cases.length, one)).toEqual(wanted)
    const keys = async () => {
      await one.flush()
      const listed = await one.json<{ metrics: { key: string }[] }>('/api/metrics?limit=1000')
      const found = listed.metrics.map(({ key }) => key)
      return found.filter((key) => !key.startsWith('statsd.')).toSorted()
    }
    const expected = cases.map((row) => row[column]).filter((name) => name !== undefined)
    await expect.poll(keys, RARELY).toEqual(expected.toSorted())
    for (const name of expected) expect(await sumOf(pathOf(name), one), name).toBe(1)
  })
})

/** A name as a path to ask for: what would be a wildcard stands in brackets. */
function pathOf(name: string): string {
  return name.replace(/[[\]]/g, (bracket) => `[${bracket}]`)
}

describe('gauges', () => {
  test('with a sign begin at 0, go on from 0, and go on from what they were after a restart', async () => {
    const data = temporaryDirectory()
    const levels = async (of: KymoProcess) => {
      await of.flush()
      const last = async (name: string) => (await valuesOf(`stats.gauges.${name}`, of)).at(-1)
      return [await last('missing'), await last('zero'), await last('kept')]
    }
    const first = await KymoProcess.start({ data, flushInterval: '1d' })
    await first.udp('missing:-5|g\nzero:0|g\nzero:+5|g\nkept:40|g')
    await first.received(4)
    await expect.poll(() => levels(first), RARELY).toEqual([-5, 5, 40])
    expect(await first.end()).toBe(0)

    const second = await KymoProcess.start({ data, flushInterval: '1d' })
    await second.udp('missing:-1|g\nzero:-7|g\nkept:+2|g')
    await second.received(3)
    await expect.poll(() => levels(second), RARELY).toEqual([-6, -2, 42])
  })
})

describe("Graphite's plaintext", () => {
  const now = Math.floor(Date.now() / 1_000)
  const bad: [line: string, reason: string][] = [
    ['a', 'no_value'],
    ['a 1', 'bad_timestamp'],
    ['a 1 x', 'bad_timestamp'],
    ['a 1 99999999999', 'bad_timestamp'],
    ['a nan 1', 'bad_number'],
    ['a inf 1', 'bad_number'],
    [`a 1 ${now} more`, 'bad_field'],
    [`. 1 ${now}`, 'empty_name'],
  ]
  const reasons: Record<string, number> = {}
  for (const [, reason] of bad) reasons[reason] = (reasons[reason] ?? 0) + 1
  const lines = bad.map(([line]) => `${line}\n`).join('')

  test.each(['tcp', 'udp'] as const)('that is wrong is counted by reason: %s', async (way) => {
    const send = () => kymo[way](`${lines}by.${way} 7 -1\n`, 'graphite')
    expect(await countsOf(send, bad.length + 1)).toEqual({ accepted: 1, rejected: reasons })
    await until('the point is there', async () => (await valuesOf(`by.${way}`)).at(-1) === 7)
  })

  test('of a megabyte without a line end is one line, and the next one is taken', async () => {
    const send = () => kymo.tcp(`${'x'.repeat(1_000_000)}\nbehind.it 1 ${now}\n`, 'graphite')
    expect(await countsOf(send, 2)).toEqual({ accepted: 1, rejected: { too_long: 1 } })
    await until('the point is there', async () => (await valuesOf('behind.it')).at(-1) === 1)
  })

  const pickles: [what: string, bytes: Buffer][] = [
    ['a length of 4 GB', Buffer.from('\xff\xff\xff\xff(lp0\n', 'latin1')],
    ['a call of os.system', Buffer.from("\0\0\0\x20cos\nsystem\n(S'touch /tmp/x'\ntR.", 'latin1')],
    ['half a message', Buffer.from('\0\0\x01\0\x80\x02]q\0(', 'latin1')],
  ]
  test.each(pickles)(
    'a pickle that was sent to its port is lines that are wrong: %s',
    async (_what, bytes) => {
      const lineCount = bytes
        .toString('latin1')
        .split('\n')
        .filter((line) => line !== '').length
      const { accepted } = await countsOf(() => kymo.tcp(bytes, 'graphite'), lineCount)
      expect(accepted).toBe(0)
    },
  )
})

describe.each(['statsd', 'graphite'] as const)('a client of %s over TCP', (service) => {
  const line = (name: string) => (service === 'statsd' ? `${name}:1|c\n` : `${name} 1 -1\n`)
  const clients: Socket[] = []
  afterAll(() => clients.forEach((client) => client.destroy()))

  async function open(): Promise<Socket> {
    const client = connect({ port: kymo.port(service), host: '127.0.0.1', noDelay: true })
    client.on('error', () => undefined)
    clients.push(client)
    await once(client, 'connect')
    return client
  }

  /** Sends by a connection of somebody else, who notices nothing. */
  async function expectOthersServed(other: Socket): Promise<void> {
    expect(await countsOf(async () => other.write(line('other')), 1)).toEqual({ accepted: 1, rejected: {} })
  }

  test('that resets inside a line loses that line alone', async () => {
    const [other, client] = [await open(), await open()]
    await countsOf(async () => client.write(`${line('whole')}hal`), 1)
    const counts = await countsOf(async () => client.resetAndDestroy(), 1)
    expect(counts).toEqual({ accepted: 0, rejected: { cut_off: 1 } })
    await expectOthersServed(other)
  })

  test('that ends inside a line has sent a line, whatever it says', async () => {
    const counts = await countsOf(async () => (await open()).end('hal'), 1)
    expect(counts).toEqual({ accepted: 0, rejected: { no_value: 1 } })
  })

  test('that stops inside a line holds up nobody, and may go on', async () => {
    const [other, client] = [await open(), await open()]
    const text = line('halves')
    client.write(text.slice(0, 4))
    for (let round = 0; round < 3; round++) await expectOthersServed(other)
    expect(await countsOf(async () => client.write(text.slice(4)), 1)).toEqual({ accepted: 1, rejected: {} })
  })

  test('that sends byte by byte, with pauses, is understood', async () => {
    const [other, client] = [await open(), await open()]
    const text = line('trickle')
    for (const byte of text.slice(0, -1)) {
      client.write(byte)
      await expectOthersServed(other)
    }
    expect(await countsOf(async () => client.write('\n'), 1)).toEqual({ accepted: 1, rejected: {} })
  })

  test('that never reads is heard like any other: nothing is ever written to it', async () => {
    const client = await open()
    client.pause()
    const counts = await countsOf(async () => client.write(line('deaf').repeat(20_000)), 20_000)
    expect(counts).toEqual({ accepted: 20_000, rejected: {} })
    expect(client.bytesRead).toBe(0)
  })

  test('that vanishes and comes back a hundred times leaves nothing behind', async () => {
    const openBefore = await openConnections(service)
    for (let round = 0; round < 100; round++) (await open()).resetAndDestroy()
    await until('all are forgotten', async () => (await openConnections(service)) <= openBefore)
    await expectOthersServed(await open())
  })

  test('beyond a thousand is turned away and counted, and those who are there go on', async () => {
    const here = await open()
    const refusedBefore = await ownMetric('kymo_refused_connections_total', service)
    const crowd = await Promise.all(Array.from({ length: 1_000 }, open))
    await until('some are turned away', async () => {
      return (await ownMetric('kymo_refused_connections_total', service)) > refusedBefore
    })
    expect(await openConnections(service)).toBeLessThanOrEqual(1_000)
    await expectOthersServed(here)
    for (const client of crowd) client.destroy()
    await until('they are gone', async () => (await openConnections(service)) < 100)
    await expectOthersServed(await open())
  })
})

function openConnections(service: string): Promise<number> {
  return ownMetric('kymo_open_connections', service)
}

async function ownMetric(name: string, service: string): Promise<number> {
  const text = await (await fetch(kymo.url('/metrics'))).text()
  return Number(new RegExp(`^${name}\\{listener="${service}-tcp"\\} (\\d+)$`, 'm').exec(text)?.[1])
}
