import type { Config } from '../config/config.ts'
import type { Clock } from '../lib/clock.ts'
import { probeUdpPort } from '../listeners/index.ts'
import { KymoError } from '../telemetry/errors.ts'
import type { Log } from '../telemetry/log.ts'
import type { IntakeCalls, IntakePorts, OpenedListener, PeerName } from './calls.ts'
import { LateStream } from './late-stream.ts'
import type { Supervisor, Thread } from './supervisor.ts'

/** How often a free port is asked for that is free for every listener that shares it. */
const FREE_PORT_ATTEMPTS = 10
const STATSD_FLAG = '--statsd-port'
const GRAPHITE_FLAG = '--graphite-port'

export interface IntakeThreads {
  readonly stream: PeerName
  readonly receivers: readonly PeerName[]
}

export interface IntakeOpening {
  readonly log: Log
  /** Resolves when the keeper is open. */
  readonly keeper: Promise<unknown>
  /** Called when datagrams are taken in, and again should all begin again. */
  readonly onReceiving: () => void
  /** Called for each listener once all are open. */
  readonly onOpened: (opened: OpenedListener) => void
  /** Called with what is to be done whenever somebody has come to a port that is held. */
  readonly whenArrived: (action: () => void) => void
  readonly clock: Clock
}

/**
 * Starts the threads that take in. Datagrams that come to a closed port are lost and nobody is told, so theirs are opened at once;
 * streams wait for `keeper`, for until then a sender is better refused than heard and forgotten. Then their ports are opened, and held
 * where a receiver can watch them: their thread is started when the first sender comes.
 *
 * UDP and TCP of one service share a port number; where a free one was asked for, the first listener is given it, and if another program has
 * that number elsewhere, all begin again with another.
 */
export async function openIntake(
  supervisor: Pick<Supervisor, 'start' | 'discard'>,
  config: Config,
  { stream, receivers }: IntakeThreads,
  { log, clock, keeper, onReceiving, onOpened, whenArrived }: IntakeOpening,
): Promise<LateStream> {
  const asked: IntakePorts = {
    statsd: config.statsd.port,
    graphite: config.graphite.port,
    pickle: config.graphite.picklePort,
  }
  let ports = asked
  let opened: OpenedListener[] = []

  const start = (
    worker: 'receiver' | 'stream',
    peer: PeerName,
    shardId: number,
  ): Promise<Thread<IntakeCalls>> =>
    supervisor.start<IntakeCalls>(
      {
        worker,
        peer,
        shardId,
        open: async (link) => {
          const { held } = late
          take(
            await link.call('open', shardId === 0 && held.length > 0 ? { ...ports, held } : ports),
            shardId,
          )
          if (shardId === 1) late.watch()
        },
      },
      ['keeper', 'delivery'],
    )
  const take = (listeners: readonly OpenedListener[], shardId: number): void => {
    for (const { service, bound } of listeners) {
      const first = bound[0]
      if (first !== undefined && 'port' in first) ports = { ...ports, [service]: first.port }
    }
    // Receivers on a shared port have the same addresses.
    if (shardId <= 1) opened.push(...listeners)
  }
  let first: Thread<IntakeCalls> | undefined
  const late = new LateStream({
    start: () => start('stream', stream, 0),
    discard: () => supervisor.discard([stream]),
    watcher: () => first?.link(),
    clock,
    log,
  })
  whenArrived(() => late.arrived())

  for (let attempt = 1; ; attempt++) {
    try {
      ports = asked
      opened = []
      // A port that several threads share could be shared by a stranger too: it must be free before the first binds.
      if (receivers.length > 1) ports = { ...asked, statsd: await probe(config, log) }
      first = undefined
      for (const [index, peer] of receivers.entries()) {
        const thread = await start('receiver', peer, index + 1)
        first ??= thread
      }
      onReceiving()
      await keeper
      // Files of sockets are made by the thread itself; who has asked for one will send to it.
      const isHeld = config.statsd.unixStream === undefined
      const held = isHeld ? ((await first?.link().call('hold', ports)) ?? null) : null
      if (held === null) late.started(await start('stream', stream, 0))
      else {
        late.hold(held)
        take(
          held.map(({ service, ports: bound }) => ({ service, bound })),
          0,
        )
      }
      opened.forEach(onOpened)
      return late
    } catch (error) {
      if (!isClashOfFreePort(error, asked) || attempt === FREE_PORT_ATTEMPTS) throw error
      await supervisor.discard([...receivers, stream])
    }
  }
}

/** Any number would do, and the one that was found is taken on another address or transport. */
function isClashOfFreePort(error: unknown, asked: IntakePorts): boolean {
  if (!(error instanceof KymoError) || error.code !== 'address-in-use') return false
  if (error.details.flag === STATSD_FLAG) return asked.statsd === 0
  return error.details.flag === GRAPHITE_FLAG && asked.graphite === 0
}

function probe(config: Config, log: Log): Promise<number> {
  return probeUdpPort({
    hosts: config.intakeHosts,
    port: config.statsd.port,
    name: 'statsd-udp',
    portFlag: STATSD_FLAG,
    log,
  })
}
