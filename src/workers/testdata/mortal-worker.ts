// A thread for tests of the supervisor. What becomes of it is told by its name and by what its peers say.
import type { MessagePort } from 'node:worker_threads'
import { openLink, type Link } from '../rpc.ts'
import { type ReloadedSetup, workerSelf } from '../worker-setup.ts'

export type MortalCalls = {
  connect(link: { peer: string; port: MessagePort }): void
  open(argument: null): Promise<void>
  reconfigure(setup: ReloadedSetup): void
  stop(argument: null): Promise<void>
  /** The log level that it was started with. */
  level(argument: null): string
  /** What it was told, in order. */
  history(argument: null): string[]
  /** Asks all peers to greet back; resolves to who did. */
  greet(argument: null): Promise<string[]>
  /** Never answers. */
  hang(argument: null): Promise<void>
  die(argument: null): void
}

type PeerCalls = { greet(argument: null): string }

const { setup, main, metrics } = workerSelf()
const peers = new Map<string, Link<PeerCalls>>()
const history: string[] = []

openLink<Record<string, never>, MortalCalls>(main, {
  connect({ peer, port }) {
    history.push(`connect ${peer}`)
    peers.set(peer, openLink<PeerCalls, PeerCalls>(port, { greet: () => setup.threadName }, peer))
  },
  async open() {
    history.push('open')
    metrics.counter('kymo_queries_total').add(1)
    // query-8 never opens; query-9 dies while it does.
    if (setup.threadName === 'query-8') throw new Error('it is not in the mood')
    if (setup.threadName === 'query-9') process.nextTick(fail)
    await new Promise((resolve) => setTimeout(resolve, 5))
  },
  reconfigure({ config }) {
    if (config.log.level === 'error') throw new Error('it does not like that')
    history.push(`reconfigure ${config.log.level}`)
  },
  async stop() {
    metrics.counter('kymo_flushes_total').add(1)
  },
  level: () => setup.config.log.level,
  history: () => history,
  greet: () => Promise.all([...peers.values()].map((peer) => peer.call('greet', null))),
  hang: () => new Promise(() => {}),
  die() {
    process.nextTick(fail)
  },
})

function fail(): never {
  throw new Error('a mortal thread')
}
