import type { Config } from '../config/config.ts'
import { probeUdpPort } from '../listeners/index.ts'
import { KymoError } from '../telemetry/errors.ts'
import type { Log } from '../telemetry/log.ts'
import type { IntakeCalls, OpenedListener, PeerName } from './calls.ts'
import type { Supervisor, Thread } from './supervisor.ts'

/** How often a free port is asked for that is free for every listener that shares it. */
const FREE_PORT_ATTEMPTS = 10

export interface IntakeThreads {
  readonly stream: PeerName
  readonly receivers: readonly PeerName[]
}

/**
 * Starts the threads that take in. UDP and TCP of one service share a port number; where a free one was asked for,
 * the first listener is given it, and if another program has that number elsewhere, all begin again with another.
 */
export async function openIntake(
  supervisor: Supervisor,
  config: Config,
  { stream, receivers }: IntakeThreads,
  log: Log,
  onOpened: (opened: OpenedListener) => void,
): Promise<void> {
  // A port that several threads share could be shared by a stranger too: it must be free before the first binds.
  const probed =
    receivers.length > 1
      ? await probeUdpPort({
          hosts: config.intakeHosts,
          port: config.statsd.port,
          name: 'statsd-udp',
          portFlag: '--statsd-port',
          log,
        })
      : config.statsd.port
  let ports = { statsd: probed, graphite: config.graphite.port }
  const told = new Set<PeerName>()

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
          const opened = await link.call('open', ports)
          for (const { service, addresses } of opened)
            ports = { ...ports, [service]: addresses[0]?.port ?? ports[service] }
          // Receivers on a shared port have the same addresses; after a restart nothing is new.
          const isFirst = worker === 'stream' ? !told.has(peer) : told.size === 0
          told.add(peer)
          if (isFirst) opened.forEach(onOpened)
        },
      },
      ['keeper'],
    )

  const asked = { ...ports }
  for (let attempt = 1; ; attempt++) {
    try {
      for (const [index, peer] of receivers.entries()) await start('receiver', peer, index + 1)
      await start('stream', stream, 0)
      return
    } catch (error) {
      const isFreeAsked = asked.statsd === 0 || asked.graphite === 0
      const isTaken = error instanceof KymoError && error.code === 'address-in-use'
      if (!isFreeAsked || !isTaken || attempt === FREE_PORT_ATTEMPTS) throw error
      await supervisor.discard([...receivers, stream])
      ports = { ...asked }
      told.clear()
    }
  }
}
