import { describe, expect, test, vi } from 'vitest'
import { freePort } from '../../test/harness/free-port.ts'
import type { Config } from '../config/config.ts'
import { FakeClock } from '../lib/fake-clock.ts'
import { silentLog } from '../telemetry/log.ts'
import { KymoError } from '../telemetry/errors.ts'
import type { IntakeCalls, IntakePorts, OpenedListener, PeerName } from './calls.ts'
import { openIntake } from './open-intake.ts'
import type { Link } from './rpc.ts'
import type { HeldListener } from './stream-ports.ts'
import type { Supervisor, ThreadPlan } from './supervisor.ts'

/** Whether a port that is set is free is looked at for real. */
const STATSD_PORT = await freePort('udp')

type Open = (peer: PeerName, ports: IntakePorts, attempt: number) => OpenedListener[]
type Hold = (ports: IntakePorts) => readonly HeldListener[] | null

const taken = (flag: string) =>
  new KymoError('address-in-use', { transport: 'tcp', host: '127.0.0.1', port: 1, name: 'x', flag })
const listener = (
  service: 'statsd' | 'graphite',
  transport: 'udp' | 'tcp',
  port: number,
): OpenedListener => ({
  service,
  bound: [{ transport, host: '127.0.0.1', port }],
})

const held = (service: 'statsd' | 'graphite', port: number, descriptor: number): HeldListener => ({
  service,
  name: `${service}-tcp`,
  ports: [{ transport: 'tcp', host: '127.0.0.1', port, descriptor }],
})

/** A supervisor whose threads open as `open` says. */
function scene(
  open: Open,
  ports: IntakePorts,
  receiverCount: number,
  keeper: Promise<unknown> = Promise.resolve(),
  { hold = () => null, unixStream }: { hold?: Hold; unixStream?: string } = {},
) {
  const asked: [PeerName, IntakePorts & { held?: unknown }][] = []
  const watched: unknown[] = []
  let arrive = (): void => {}
  const announced: string[] = []
  const plans = new Map<PeerName, ThreadPlan<IntakeCalls>>()
  let attempt = 1
  const link = (peer: PeerName) =>
    ({
      call: async (method: string, given: IntakePorts) => {
        if (method === 'hold') return hold(given)
        if (method === 'watch') return watched.push(given) > 0
        asked.push([peer, given])
        return open(peer, given, attempt)
      },
    }) as unknown as Link<IntakeCalls>
  const supervisor = {
    async start(plan: ThreadPlan<IntakeCalls>) {
      plans.set(plan.peer, plan)
      await plan.open(link(plan.peer))
      return { link: () => link(plan.peer) }
    },
    async discard() {
      attempt++
    },
  } as unknown as Pick<Supervisor, 'start' | 'discard'>
  const config = {
    intakeHosts: ['127.0.0.1'],
    statsd: { port: ports.statsd, unixStream },
    graphite: { port: ports.graphite },
  } as unknown as Config
  const receivers = Array.from({ length: receiverCount }, (_, index): PeerName => `shard-${index + 1}`)
  return {
    asked,
    announced,
    watched,
    arrive: () => arrive(),
    attempts: () => attempt,
    restart: (peer: PeerName) => plans.get(peer)?.open(link(peer)),
    opening: openIntake(
      supervisor,
      config,
      { stream: 'shard-0', receivers },
      {
        log: silentLog,
        clock: new FakeClock(),
        keeper,
        whenArrived: (action) => (arrive = action),
        onReceiving() {},
        onOpened({ service, bound }) {
          for (const each of bound) {
            if ('port' in each) announced.push(`${service} ${each.transport} ${each.port}`)
          }
        },
      },
    ),
  }
}

const granting: Open = (peer, ports) =>
  peer === 'shard-0'
    ? [listener('statsd', 'tcp', ports.statsd || 7_001), listener('graphite', 'tcp', ports.graphite || 7_002)]
    : [listener('statsd', 'udp', ports.statsd || 7_000)]

describe.each([1, 3])('with %i receivers', (receiverCount) => {
  test('ports that are set are given to all', async () => {
    const { opening, asked, announced } = scene(
      granting,
      { statsd: STATSD_PORT, graphite: 12_003 },
      receiverCount,
    )
    await opening
    expect(asked.map(([peer]) => peer)).toEqual(
      receiverCount === 1 ? ['shard-1', 'shard-0'] : ['shard-1', 'shard-2', 'shard-3', 'shard-0'],
    )
    for (const [, ports] of asked) expect(ports).toEqual({ statsd: STATSD_PORT, graphite: 12_003 })
    expect(announced).toEqual([
      `statsd udp ${STATSD_PORT}`,
      `statsd tcp ${STATSD_PORT}`,
      'graphite tcp 12003',
    ])
  })

  test('datagrams are taken in at once, and streams when the keeper is there', async () => {
    const keeper = Promise.withResolvers<void>()
    const ports = { statsd: STATSD_PORT, graphite: 12_003 }
    const { opening, asked } = scene(granting, ports, receiverCount, keeper.promise)
    await vi.waitUntil(() => asked.length === receiverCount)
    await new Promise((resolve) => setImmediate(resolve))
    expect(asked.map(([peer]) => peer)).not.toContain('shard-0')
    keeper.resolve()
    await opening
    expect(asked.at(-1)?.[0]).toBe('shard-0')
  })

  test('a free port is one and the same for all, also for a thread that is started again', async () => {
    const { opening, asked, announced, restart } = scene(granting, { statsd: 0, graphite: 0 }, receiverCount)
    await opening
    const port = Number(announced[0]?.split(' ')[2])
    expect(port).toBeGreaterThan(0)
    expect(announced).toEqual([`statsd udp ${port}`, `statsd tcp ${port}`, 'graphite tcp 7002'])
    for (const [, { statsd }] of asked.slice(1)) expect(statsd).toBe(port)
    await restart('shard-0')
    await restart('shard-1')
    expect(asked.slice(-2).map(([, ports]) => ports)).toEqual([
      { statsd: port, graphite: 7_002 },
      { statsd: port, graphite: 7_002 },
    ])
    expect(announced.length).toBe(3)
  })

  test('a free port that is taken elsewhere is given up for another, and not announced', async () => {
    const open: Open = (peer, ports, attempt) => {
      if (peer === 'shard-0' && attempt < 3) throw taken('--statsd-port')
      return granting(peer, { ...ports, statsd: ports.statsd || 7_000 + attempt }, attempt)
    }
    const { opening, asked, announced } = scene(open, { statsd: 0, graphite: 12_003 }, receiverCount)
    await opening
    const firsts = asked.filter(([peer]) => peer === 'shard-1').map(([, { statsd }]) => statsd)
    // One receiver asks for any port each time; several are given one that was probed just before.
    if (receiverCount === 1) expect(firsts).toEqual([0, 0, 0])
    else expect(firsts.every((port) => port > 0)).toBe(true)
    const port = asked.at(-1)?.[1].statsd
    expect(announced).toEqual([`statsd udp ${port}`, `statsd tcp ${port}`, 'graphite tcp 12003'])
  })

  test('is not looked for without end', async () => {
    const open: Open = (peer, ports, attempt) => {
      if (peer === 'shard-0') throw taken('--graphite-port')
      return granting(peer, ports, attempt)
    }
    const { opening, attempts } = scene(open, { statsd: 0, graphite: 0 }, receiverCount)
    await expect(opening).rejects.toMatchObject({ code: 'address-in-use' })
    expect(attempts()).toBe(10)
  })

  test('a port that is set and taken is told at once, even if the other service would take any', async () => {
    const open: Open = () => {
      throw taken('--statsd-port')
    }
    const { opening, attempts } = scene(open, { statsd: STATSD_PORT, graphite: 0 }, receiverCount)
    await expect(opening).rejects.toMatchObject({ code: 'address-in-use' })
    expect(attempts()).toBe(1)
  })

  describe('that can watch ports', () => {
    /** Descriptors that nobody has. */
    const holding: Hold = ({ statsd, graphite }) => [
      held('statsd', statsd || 7_001, 1_000_001),
      held('graphite', graphite || 7_002, 1_000_002),
    ]
    const nobody = Promise.resolve()

    test('streams are held, and their thread is started when somebody comes', async () => {
      const ports = { statsd: 0, graphite: 0 }
      const { opening, asked, announced, arrive } = scene(granting, ports, receiverCount, nobody, {
        hold: holding,
      })
      const late = await opening
      const port = Number(announced[0]?.split(' ')[2])
      expect(announced).toEqual([`statsd udp ${port}`, `statsd tcp ${port}`, 'graphite tcp 7002'])
      expect(asked.map(([peer]) => peer)).not.toContain('shard-0')
      const taken = late.held
      late.hold([])
      arrive()
      await late.link()
      expect(asked.at(-1)).toEqual(['shard-0', { statsd: port, graphite: 7_002 }])
      expect(taken.map(({ service }) => service)).toEqual(['statsd', 'graphite'])
    })

    test('it is given what is held', async () => {
      const ports = { statsd: STATSD_PORT, graphite: 12_003 }
      const { opening, asked } = scene(granting, ports, receiverCount, nobody, { hold: holding })
      const late = await opening
      // They are no files, and closing them fails.
      await late.link().catch(() => {})
      expect(asked.at(-1)).toEqual(['shard-0', { ...ports, held: holding(ports) }])
    })

    test('a receiver that is started again watches what is held', async () => {
      const ports = { statsd: STATSD_PORT, graphite: 12_003 }
      const { opening, watched, restart } = scene(granting, ports, receiverCount, nobody, { hold: holding })
      const late = await opening
      expect(watched).toEqual([])
      await restart('shard-1')
      expect(watched).toEqual([[1_000_001, 1_000_002]])
      late.hold([])
    })

    test('nothing is held where a file of a socket is asked for as well', async () => {
      const ports = { statsd: STATSD_PORT, graphite: 12_003 }
      const { opening, asked } = scene(granting, ports, receiverCount, nobody, {
        hold: holding,
        unixStream: '/run/kymo.sock',
      })
      expect((await opening).held).toEqual([])
      expect(asked.at(-1)).toEqual(['shard-0', ports])
    })

    test('a free port that is taken elsewhere is given up for another', async () => {
      let attempts = 0
      const hold: Hold = (ports) => {
        if (++attempts < 3) throw taken('--statsd-port')
        return holding(ports)
      }
      const { opening, announced } = scene(granting, { statsd: 0, graphite: 12_003 }, receiverCount, nobody, {
        hold,
      })
      const late = await opening
      expect([attempts, announced.length]).toEqual([3, 3])
      late.hold([])
    })
  })
})
