import { KymoError, reasonOf } from '../telemetry/errors.ts'
import type { BoundAddress, ListenerOptions } from './listener.ts'

/** One host, bound. */
export interface BoundSocket<Socket> {
  readonly socket: Socket
  readonly host: string
  readonly port: number
}

interface Binder<Socket> {
  readonly transport: BoundAddress['transport']
  /** Rejects with the error of the system. Port 0 asks for a free one. */
  bind(host: string, port: number): Promise<BoundSocket<Socket>>
  release(socket: Socket): Promise<void>
}

/** A port that is free on one address may be taken on the next; then another is tried. */
const FREE_PORT_ATTEMPTS = 10

/** What binding needs to know. */
export type BindOptions = Pick<ListenerOptions, 'name' | 'hosts' | 'port' | 'portFlag' | 'log'>

/** Binds all hosts to one port, or none of them. Rejects with a KymoError. */
export async function bindHosts<Socket>(
  options: BindOptions,
  binder: Binder<Socket>,
): Promise<BoundSocket<Socket>[]> {
  for (let attempt = 1; ; attempt++) {
    const bound: BoundSocket<Socket>[] = []
    try {
      await bindEach(options, binder, bound)
      return bound
    } catch (error) {
      await Promise.all(bound.map(({ socket }) => binder.release(socket)))
      const isClash = error instanceof KymoError && error.code === 'address-in-use' && bound.length > 0
      if (options.port !== 0 || !isClash || attempt === FREE_PORT_ATTEMPTS) throw error
    }
  }
}

async function bindEach<Socket>(
  options: BindOptions,
  binder: Binder<Socket>,
  bound: BoundSocket<Socket>[],
): Promise<void> {
  let leftOut: KymoError | undefined
  for (const host of options.hosts) {
    const port = bound[0]?.port ?? options.port
    try {
      bound.push(await binder.bind(host, port))
    } catch (error) {
      const failure = toKymoError(error, { transport: binder.transport, host, port }, options)
      if (!isMissingLoopback(host, error)) throw failure
      options.log.debug(
        { listener: options.name, host },
        'This machine does not have a loopback address; it is left out.',
      )
      leftOut = failure
    }
  }
  if (bound.length === 0 && leftOut !== undefined) throw leftOut
}

function isMissingLoopback(host: string, error: unknown): boolean {
  return (
    (host === '::1' || host.startsWith('127.')) && /^(EADDRNOTAVAIL|EAFNOSUPPORT)$/.test(systemCode(error))
  )
}

function toKymoError(error: unknown, address: BoundAddress, { name, portFlag }: BindOptions): KymoError {
  // The catalog writes `{host}:{port}`, which wants IPv6 in brackets.
  const host = address.host.includes(':') ? `[${address.host}]` : address.host
  const details = { ...address, host, name, flag: portFlag }
  switch (systemCode(error)) {
    case 'EADDRINUSE':
      return new KymoError('address-in-use', details, { cause: error })
    case 'EACCES':
    case 'EPERM':
      return new KymoError('address-denied', details, { cause: error })
    default:
      return new KymoError('address-unavailable', { ...details, reason: reasonOf(error) }, { cause: error })
  }
}

function systemCode(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : ''
}
