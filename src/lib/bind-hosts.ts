import { isLoopback } from './loopback.ts'

/**
 * Binds one socket of whatever kind on each host, all on one port. All are bound, or none.
 *
 * Port 0 asks for a free port: the first host is given one by the system, and the others have to get the same. If
 * another program has it there, the whole is tried again with another port. A loopback address of a family that the
 * machine does not have (`::1` where IPv6 is off) is left out, as long as another address remains.
 */
export interface BindHostsOptions<Socket> {
  readonly hosts: readonly string[]
  readonly port: number
  /** Rejects with the error of the system. */
  bind(host: string, port: number): Promise<BoundSocket<Socket>>
  release(socket: Socket): Promise<void>
  /** What is thrown where an address cannot be had; `cause` is the error of the system. */
  failure(cause: unknown, host: string, port: number): Error
  onLeftOut?(host: string): void
}

/** One host, bound. */
export interface BoundSocket<Socket> {
  readonly socket: Socket
  readonly host: string
  readonly port: number
}

/** How often a free port is looked for that is free on every host. */
const FREE_PORT_ATTEMPTS = 10

export async function bindHosts<Socket>(options: BindHostsOptions<Socket>): Promise<BoundSocket<Socket>[]> {
  for (let attempt = 1; ; attempt++) {
    const { bound, refusal } = await bindEach(options)
    if (refusal === undefined) return bound
    await Promise.all(bound.map(({ socket }) => options.release(socket)))
    const isClash = codeOf(refusal.cause) === 'EADDRINUSE' && bound.length > 0
    if (options.port === 0 && isClash && attempt < FREE_PORT_ATTEMPTS) continue
    throw options.failure(refusal.cause, refusal.host, refusal.port)
  }
}

interface Refusal {
  readonly cause: unknown
  readonly host: string
  readonly port: number
}

async function bindEach<Socket>(
  options: BindHostsOptions<Socket>,
): Promise<{ bound: BoundSocket<Socket>[]; refusal?: Refusal }> {
  const bound: BoundSocket<Socket>[] = []
  let leftOut: Refusal | undefined
  for (const host of options.hosts) {
    const port = bound[0]?.port ?? options.port
    try {
      bound.push(await options.bind(host, port))
    } catch (cause) {
      const refusal = { cause, host, port }
      if (!isMissingLoopback(host, cause)) return { bound, refusal }
      options.onLeftOut?.(host)
      leftOut = refusal
    }
  }
  if (bound.length > 0) return { bound }
  if (leftOut === undefined) throw new Error('BUG: no host to listen on')
  return { bound, refusal: leftOut }
}

function isMissingLoopback(host: string, error: unknown): boolean {
  const code = codeOf(error)
  return isLoopback(host) && (code === 'EADDRNOTAVAIL' || code === 'EAFNOSUPPORT')
}

function codeOf(error: unknown): unknown {
  return (error as NodeJS.ErrnoException | undefined)?.code
}
