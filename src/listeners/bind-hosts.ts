import { bindHosts as bindAll, type BindHostsOptions, type BoundSocket } from '../lib/bind-hosts.ts'
import { bindError } from '../telemetry/bind-error.ts'
import type { BoundAddress, ListenerOptions } from './listener.ts'

export type { BoundSocket } from '../lib/bind-hosts.ts'

interface Binder<Socket> extends Pick<BindHostsOptions<Socket>, 'bind' | 'release'> {
  readonly transport: BoundAddress['transport']
}

/** What binding needs to know. */
export type BindOptions = Pick<ListenerOptions, 'name' | 'hosts' | 'port' | 'portFlag' | 'log'>

/** Binds all hosts to one port, or none of them; see lib/bind-hosts.ts. Rejects with a KymoError. */
export async function bindHosts<Socket>(
  { name, hosts, port: wantedPort, portFlag, log }: BindOptions,
  { transport, bind, release }: Binder<Socket>,
): Promise<BoundSocket<Socket>[]> {
  return await bindAll<Socket>({
    hosts,
    port: wantedPort,
    bind,
    release,
    failure: (cause, host, port) => bindError(cause, { transport, host, port, name, flag: portFlag }),
    onLeftOut: (host) =>
      log.debug({ listener: name, host }, 'This machine does not have a loopback address; it is left out.'),
  })
}
