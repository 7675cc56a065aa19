import type { SinkWorlds } from '../sink.conformance.ts'
import type { Sink } from '../sink.ts'
import { freeUrl } from './free-url.ts'
import { HttpTestServer } from './http-server.ts'

/** Worlds of sinks that send by HTTP in which nothing arrives: a server that never answers, and none. */
export function silentWorlds(
  sinkAt: (url: string) => Sink | Promise<Sink>,
): Required<Pick<SinkWorlds, 'stalled' | 'unreachable'>> {
  return {
    async stalled() {
      const server = await HttpTestServer.start(() => undefined)
      return { sink: await sinkAt(server.url), arrivedPoints: () => 0, release: () => server.stop() }
    },
    async unreachable() {
      return { sink: await sinkAt(await freeUrl()), arrivedPoints: () => 0 }
    },
  }
}
