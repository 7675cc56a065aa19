import { spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { HashRing, type RingOptions } from '../../src/sinks/graphite/hash-ring.ts'
import { Carbon, hasCarbon, startCarbonRelay } from '../harness/carbon.ts'
import { cleanUp, KymoProcess, temporaryDirectory, until } from '../harness/kymo.ts'

const why = hasCarbon ? '' : ' (skipped: no graphite-carbon)'
const SECONDS = Math.floor(Date.now() / 1_000)

afterAll(cleanUp)

async function startKymo(config: string): Promise<KymoProcess> {
  const directory = temporaryDirectory()
  writeFileSync(join(directory, 'kymo.yaml'), config)
  return await KymoProcess.start({ flushInterval: '10s', args: [join(directory, 'kymo.yaml')] })
}

async function sendLines(port: number, lines: readonly string[]): Promise<void> {
  const socket = connect(port, '127.0.0.1')
  socket.resume()
  socket.end(lines.map((line) => `${line}\n`).join(''))
  await once(socket, 'close')
}

const lastOf = async (kymo: KymoProcess, target: string): Promise<number | undefined> =>
  (await kymo.render(target, '-5min', '+5min'))
    .flatMap(({ datapoints }) => datapoints.map(([value]) => value))
    .filter((value) => value !== null)
    .at(-1)

interface SinkStatus {
  readonly name: string
  readonly sentPoints: number
  readonly queuedPoints: number
  readonly droppedPoints: number
  readonly lastError: string | null
}

/** 60 random sets of destinations, and what carbon's own router makes of 50 names each. */
const RINGS = `
import json, random
from carbon.routers import ConsistentHashingRouter
class Settings(dict):
  __getattr__ = dict.__getitem__
random.seed(20261127)
for _ in range(60):
  seen = set()
  while len(seen) < random.randrange(1, 20):
    seen.add(('h%d' % random.randrange(6), random.choice([None, 'a', 'b', 'c', 'd%d' % random.randrange(99)])))
  destinations = [(host, 2004 + i, instance) for i, (host, instance) in enumerate(sorted(seen, key=str))]
  ring = dict(hash=random.choice(['carbon_ch', 'fnv1a_ch']), replicationFactor=random.randrange(1, 4), isDiverse=random.random() < .5)
  router = ConsistentHashingRouter(Settings(
    REPLICATION_FACTOR=ring['replicationFactor'], DIVERSE_REPLICAS=ring['isDiverse'], ROUTER_HASH_TYPE=ring['hash']))
  for destination in destinations: router.addDestination(destination)
  names = ['n%d.%s;k=%d' % (random.randrange(10**9), random.choice(['load', 'été']), i) for i in range(50)]
  # A single destination is told more than once.
  chosen = [list(dict.fromkeys(destinations.index(one) for one in router.getDestinations(name))) for name in names]
  print(json.dumps(dict(destinations=destinations, ring=ring, names=names, chosen=chosen)))
`

interface PrintedRing {
  readonly destinations: readonly (readonly [host: string, port: number, instance: string | null])[]
  readonly ring: RingOptions
  readonly names: readonly string[]
  readonly chosen: readonly (readonly number[])[]
}

describe.skipIf(!hasCarbon)(`carbon and Kymo${why}`, () => {
  test('choose the same destinations, whatever those are', () => {
    const { stdout, stderr } = spawnSync('/usr/bin/python3', ['-c', RINGS], { encoding: 'utf8' })
    const printed = stdout.trim().split('\n')
    expect(printed, stderr).toHaveLength(60)
    for (const line of printed) {
      const { destinations, ring, names, chosen } = JSON.parse(line) as PrintedRing
      const own = new HashRing(
        destinations.map(([host, port, instance]) => ({ host, port, instance })),
        ring,
      )
      expect(
        names.map((name) => own.destinationsOf(name)),
        line,
      ).toEqual(chosen)
    }
  })

  test('carbon-relay sends to Kymo by pickle, and nothing is refused', async () => {
    const kymo = await startKymo('graphite: {pickle_port: 0}\n')
    const relay = await startCarbonRelay([`127.0.0.1:${kymo.port('pickle')}:a`])
    const lines = [
      ...Array.from(
        { length: 999 },
        (_, index) => `relayed.web${index % 40}.series${index} ${index / 4} ${SECONDS}`,
      ),
      `relayed.tagged;dc=fra;host=web1 7 ${SECONDS}`,
    ]
    // Of more lines at once this relay itself loses some.
    for (let start = 0; start < lines.length; start += 200)
      await sendLines(relay.port, lines.slice(start, start + 200))
    type Lines = { received: number; accepted: number; rejected: number }
    const counted = async (): Promise<Lines> => (await kymo.json<{ lines: Lines }>('/api/status')).lines
    await until('all of it has come', async () => (await counted()).accepted >= 1_000, 30_000)
    expect((await counted()).rejected).toBe(0)
    await until('the last is kept', async () => (await lastOf(kymo, 'relayed.web38.series998')) === 249.5)
    expect(await lastOf(kymo, 'relayed.tagged;dc=fra;host=web1')).toBe(7)
    await relay.stop()
  })

  test('two carbons behind the sink get what carbon-relay would give them, and one that is down stops no other', async () => {
    const [first, second] = [await Carbon.start(), await Carbon.start()]
    const destinations = [`127.0.0.1:${first.picklePort}:a`, `127.0.0.1:${second.picklePort}:b`]
    const kymo = await startKymo(
      `aggregator: {own_series: false}\nsinks:\n- type: graphite\n  protocol: pickle\n  destinations: ['${destinations.join("', '")}']\n`,
    )
    const relay = await startCarbonRelay(destinations)
    const names = Array.from({ length: 200 }, (_, index) => `web${index}.load`)
    await sendLines(
      relay.port,
      names.map((name) => `relay.${name} 1 ${SECONDS}`),
    )
    // A name and the ring decide; so what both are to agree on is called the same.
    const check = async (carbons: readonly Carbon[], below: string, count: number): Promise<string[][]> => {
      const shares = (): string[][] => carbons.map((carbon) => carbon.metrics(below))
      await until(`${count} series of ${below} are there`, () => shares().flat().length >= count, 30_000)
      return shares()
    }
    const byRelay = await check([first, second], 'relay', 200)
    await relay.stop()
    await first.stop()
    await second.stop()

    const fresh = [await Carbon.start(first.port, first), await Carbon.start(second.port, second)] as const
    await sendLines(
      kymo.port('graphite'),
      names.map((name) => `relay.${name} 2 ${SECONDS + 1}`),
    )
    const values = (carbon: Carbon, name: string) => carbon.values(name, SECONDS - 10, SECONDS + 10)
    await until(
      'each has the second value of each of its own',
      () =>
        byRelay.every((share, index) => {
          const carbon = fresh[index] as Carbon
          return share.every((name) => values(carbon, name).at(-1) === 2)
        }),
      60_000,
    )
    // And no series of the other.
    expect(await check(fresh, 'relay', 200)).toEqual(byRelay)

    const status = async (): Promise<SinkStatus[]> =>
      (await kymo.json<{ sinks: SinkStatus[] }>('/api/status')).sinks
    await fresh[0].stop()
    await sendLines(
      kymo.port('graphite'),
      names.map((name) => `down.${name} 3 ${SECONDS + 2}`),
    )
    await until('the second has its share', () => fresh[1].metrics('down').length > 50, 30_000)
    await until('the first is tried in vain', async () => (await status())[0]?.lastError !== null, 30_000)
    const [down, up] = await status()
    expect(up).toMatchObject({ name: 'graphite-2', queuedPoints: 0, droppedPoints: 0, lastError: null })
    expect(down).toMatchObject({ name: 'graphite-1', droppedPoints: 0 })
    expect((down?.queuedPoints ?? 0) + fresh[1].metrics('down').length).toBe(200)

    const back = await Carbon.start(undefined, fresh[0])
    await until(
      'the first has its share too',
      () => back.metrics('down').length + fresh[1].metrics('down').length === 200,
      60_000,
    )
    await back.stop()
    await fresh[1].stop()
  })
})
