import { spawnSync } from 'node:child_process'
import { existsSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { unpickle } from '../../src/formats/graphite-pickle/unpickle.ts'
import { cleanUp, KymoProcess, temporaryDirectory, until } from '../harness/kymo.ts'

// Pickles as the Python of this machine writes them now, not as it once did.
const PYTHON = '/usr/bin/python3'
const hasPython = existsSync(PYTHON)
const why = hasPython ? '' : ' (skipped: no python3)'

/** Runs a script; what it prints, line by line. */
function python(script: string): string[] {
  const result = spawnSync(PYTHON, ['-c', script], { encoding: 'utf8', maxBuffer: 64 * 1_024 * 1_024 })
  if (result.status !== 0) throw new Error(`Python failed: ${result.stderr}`)
  return result.stdout.trim().split('\n')
}

const RANDOM_BATCHES = `
import json, pickle, random
random.seed(20261127)
LETTERS = 'abz.0_-;=/ éß€🙂' + chr(92) + chr(34) + chr(39) + chr(10)
def name(): return 'n' + ''.join(random.choice(LETTERS) for _ in range(random.randrange(300)))
def number(): return random.choice([
  random.random(), random.uniform(-1e300, 1e300), random.getrandbits(62) - 2**61, random.randrange(-300, 70000), True, str(random.random())])
`

describe.skipIf(!hasPython)(`Python's pickles${why}`, () => {
  test('of 600 random batches, of every protocol, mean here what they mean there', () => {
    const lines = python(`${RANDOM_BATCHES}
for i in range(600):
  names = [name() for _ in range(random.randrange(1, 8))]
  batch = [(random.choice(names), (random.randrange(2**31), number())) for _ in range(random.randrange(40))]
  print(pickle.dumps(batch, protocol=i % 6).hex(), json.dumps(batch))
`)
    expect(lines).toHaveLength(600)
    for (const line of lines) {
      const space = line.indexOf(' ')
      const bytes = Buffer.from(line.slice(0, space), 'hex')
      expect(unpickle(bytes, 0, bytes.length)).toEqual(JSON.parse(line.slice(space)))
    }
  })

  test('of what is no plain value are refused', () => {
    const lines = python(`
import collections, datetime, decimal, os, pickle, fractions
class Evil:
  def __reduce__(self): return (os.system, ('true',))
values = [Evil(), datetime.datetime.now(), decimal.Decimal(1), fractions.Fraction(1, 3), collections.OrderedDict(a=1), collections.deque([1]),
  {'a': 1}, {1, 2}, frozenset([1]), bytearray(b'a'), 1j, os.system, Evil, range(3), slice(1), Ellipsis]
for value in values:
  for protocol in range(6):
    print(protocol, repr(value)[:40].replace(' ', ''), pickle.dumps([('a', (1700000000, value))], protocol=protocol).hex())
`)
    expect(lines).toHaveLength(96)
    for (const line of lines) {
      const [protocol, value, hexadecimal = ''] = line.split(' ')
      const bytes = Buffer.from(hexadecimal, 'hex')
      expect(unpickle(bytes, 0, bytes.length), `${value}, protocol ${protocol}`).toBeUndefined()
    }
  })
})

describe.skipIf(!hasPython)(`a Kymo that takes pickles${why}`, () => {
  let kymo: KymoProcess

  beforeAll(async () => {
    const directory = temporaryDirectory()
    writeFileSync(join(directory, 'kymo.yaml'), 'graphite: {pickle_port: 0}\n')
    kymo = await KymoProcess.start({ args: [join(directory, 'kymo.yaml')] })
  })
  afterAll(cleanUp)

  test('counts every point of a random sender, good or bad, and stays', async () => {
    const [sent = '0'] = python(`${RANDOM_BATCHES}
import socket, struct, time
link = socket.create_connection(('127.0.0.1', ${kymo.port('pickle')}))
sent = 0
for i in range(500):
  batch = [(name(), (int(time.time()), random.choice([number(), None, [], 'x']))) for _ in range(100)]
  body = bytearray(pickle.dumps(batch, protocol=i % 6))
  sent += len(batch)
  link.sendall(struct.pack('!I', len(body)) + bytes(body))
  junk = bytes(random.randrange(256) for _ in range(random.randrange(1, 100)))
  sent += 1
  link.sendall(struct.pack('!I', len(junk)) + junk)
link.close()
print(sent)
`)
    type Lines = { received: number; accepted: number; rejected: number }
    const lines = async (): Promise<Lines> => (await kymo.json<{ lines: Lines }>('/api/status')).lines
    // A short piece of junk may be a list of nothing, which is no line: only those of a byte or two could be.
    await until('all are counted', async () => (await lines()).received >= Number(sent) - 2, 30_000)
    const counted = await lines()
    expect(counted.received).toBe(counted.accepted + counted.rejected)
    expect(counted.accepted).toBeGreaterThan(10_000)
    expect(counted.rejected).toBeGreaterThan(10_000)
  })

  test('closes a connection that announces more than a mebibyte, and goes on', async () => {
    const socket = connect(kymo.port('pickle'), '127.0.0.1')
    socket.on('error', () => {})
    const closed = new Promise((resolve) => socket.on('close', resolve))
    socket.write(Buffer.from([0x7f, 0xff, 0xff, 0xff, 0x80]))
    await closed
    expect((await fetch(kymo.url('/ready'))).status).toBe(200)
  })
})
