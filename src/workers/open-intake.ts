import type { Config } from '../config/config.ts'
import { probeUdpPort } from '../listeners/index.ts'
import { KymoError } from '../telemetry/errors.ts'
import type { Log } from '../telemetry/log.ts'
import type { IntakeCalls, IntakePorts, OpenedListener, PeerName } from './calls.ts'
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
}

/**
 * Starts the threads that take in. Datagrams that come to a closed port are lost and nobody is told, so theirs are opened at once;
 * streams wait for `keeper`, for until then a sender is better refused than heard and forgotten. UDP and TCP of one service share a port number; where a free one was asked for,
 * the first listener is given it, and if another program has that number elsewhere, all begin again with another. Resolves to the thread of streams.
 */
export async function openIntake(
  supervisor: Pick<Supervisor, 'start' | 'discard'>,
  config: Config,
  { stream, receivers }: IntakeThreads,
  { log, keeper, onReceiving, onOpened }: IntakeOpening,
): Promise<Thread<IntakeCalls>> {
  const asked = { statsd: config.statsd.port, graphite: config.graphite.port }
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
          const listeners = await link.call('open', ports)
          for (const { service, bound } of listeners) {
            const first = bound[0]
            if (first !== undefined && 'port' in first) ports = { ...ports, [service]: first.port }
          }
          // Receivers on a shared port have the same addresses.
          if (shardId <= 1) opened.push(...listeners)
        },
      },
      ['keeper'],
    )

  for (let attempt = 1; ; attempt++) {
    try {
      ports = asked
      opened = []
      // A port that several threads share could be shared by a stranger too: it must be free before the first binds.
      if (receivers.length > 1) ports = { ...asked, statsd: await probe(config, log) }
      for (const [index, peer] of receivers.entries()) await start('receiver', peer, index + 1)
      onReceiving()
      await keeper
      const thread = await start('stream', stream, 0)
      opened.forEach(onOpened)
      return thread
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
