import { MessagePort, receiveMessageOnPort, type Transferable } from 'node:worker_threads'
import { deserializeError, serializeError, type SerializedError } from '../telemetry/errors.ts'

/**
 * How threads talk: calls that are answered, and notices that are not, over a MessagePort (or a Worker, or a
 * worker's parentPort). The set of calls is a type shared by both ends:
 *
 *   type KeeperCalls = { flushNow(argument: null): FlushResult; seal(throughMs: number): void }
 *   const keeper = openLink<KeeperCalls>(port)         await keeper.call('flushNow', null)
 *   openLink<MainCalls, KeeperCalls>(port, { flushNow: () => …, seal: (throughMs) => … })
 *
 * Errors cross as their code and details and arrive as KymoErrors. An aborted call is aborted at the other end. When
 * the thread at the other end dies, calls that wait are rejected and those it had asked for are aborted.
 */
type Message =
  | { kind: 'call'; id: number; method: string; argument: unknown }
  | { kind: 'notice'; method: string; argument: unknown }
  | { kind: 'answer'; id: number; value: unknown }
  | { kind: 'failure'; id: number; error: SerializedError }
  | { kind: 'abort'; id: number }

/** Anything with a port's two methods: MessagePort, Worker, parentPort. */
export interface Port {
  postMessage(message: unknown, transfer?: readonly Transferable[]): void
  on(event: 'message', listener: (message: unknown) => void): unknown
  /** Only a MessagePort tells: the thread at the other end is gone, or has closed it. */
  on(event: 'close', listener: () => void): unknown
}

type Calls = Record<string, (argument: never, signal: AbortSignal) => unknown>

export interface Link<Remote extends Calls> {
  /** Rejects with a KymoError when the other end fails, and with the signal's reason when it aborts. */
  call<Method extends keyof Remote & string>(
    method: Method,
    argument: Parameters<Remote[Method]>[0],
    options?: { signal?: AbortSignal; transfer?: readonly Transferable[] },
  ): Promise<Awaited<ReturnType<Remote[Method]>>>
  notify<Method extends keyof Remote & string>(
    method: Method,
    argument: Parameters<Remote[Method]>[0],
    transfer?: readonly Transferable[],
  ): void
  /** Handles, now and in order, every message that has arrived and not been handled. Only on a MessagePort. */
  drain(): void
  /** Nobody is at the other end: notices go nowhere. */
  readonly isBroken: boolean
  /** Rejects every call that waits for an answer, and those to come. */
  break(error: SerializedError): void
}

/** Opens one end. `local` answers the other end's calls; `peer` is what errors call the other end. */
export function openLink<Remote extends Calls, Local extends Calls = Record<string, never>>(
  port: Port,
  local: Local = {} as Local,
  peer = 'other',
): Link<Remote> {
  const waiting = new Map<number, { resolve: (value: never) => void; reject: (reason: unknown) => void }>()
  const running = new Map<number, AbortController>()
  let nextId = 1
  let broken: SerializedError | undefined

  async function run(message: Extract<Message, { kind: 'call' }>): Promise<void> {
    const controller = new AbortController()
    running.set(message.id, controller)
    try {
      const value = await handlerOf(message.method)(message.argument as never, controller.signal)
      port.postMessage({ kind: 'answer', id: message.id, value } satisfies Message, transferables(value))
    } catch (error) {
      port.postMessage({ kind: 'failure', id: message.id, error: serializeError(error) } satisfies Message)
    } finally {
      running.delete(message.id)
    }
  }

  function handlerOf(method: string): Calls[string] {
    const handler = Object.hasOwn(local, method) ? local[method] : undefined
    if (handler === undefined) throw new Error(`BUG: nobody answers "${method}" here`)
    return handler
  }

  function handle(message: Message): void {
    switch (message.kind) {
      case 'call':
        void run(message)
        break
      case 'notice':
        handlerOf(message.method)(message.argument as never, neverAborted)
        break
      case 'answer':
        waiting.get(message.id)?.resolve(message.value as never)
        waiting.delete(message.id)
        break
      case 'failure':
        waiting.get(message.id)?.reject(deserializeError(message.error))
        waiting.delete(message.id)
        break
      case 'abort':
        running.get(message.id)?.abort()
        break
    }
  }

  function breakWith(error: SerializedError): void {
    if (broken !== undefined) return
    broken = error
    for (const { reject } of waiting.values()) reject(deserializeError(error))
    waiting.clear()
    for (const controller of running.values()) controller.abort()
  }

  port.on('message', (message) => handle(message as Message))
  port.on('close', () =>
    breakWith({ code: 'worker-died', details: { name: peer, reason: 'its port is closed' } }),
  )

  return {
    get isBroken() {
      return broken !== undefined
    },
    call(method, argument, options = {}) {
      const { signal, transfer } = options
      return new Promise((resolve, reject) => {
        if (broken !== undefined) return reject(deserializeError(broken))
        if (signal?.aborted) return reject(signal.reason)
        const id = nextId++
        const onAbort = (): void => {
          waiting.delete(id)
          port.postMessage({ kind: 'abort', id } satisfies Message)
          reject(signal?.reason)
        }
        signal?.addEventListener('abort', onAbort, { once: true })
        const settle =
          <Value>(action: (value: Value) => void) =>
          (value: Value): void => {
            signal?.removeEventListener('abort', onAbort)
            action(value)
          }
        waiting.set(id, { resolve: settle(resolve), reject: settle(reject) })
        port.postMessage({ kind: 'call', id, method, argument } satisfies Message, transfer)
      })
    },
    notify(method, argument, transfer) {
      if (broken === undefined)
        port.postMessage({ kind: 'notice', method, argument } satisfies Message, transfer)
    },
    drain() {
      // A port that is being closed must not be read: Node crashes on it.
      while (broken === undefined) {
        const received = receiveMessageOnPort(port as MessagePort)
        if (received === undefined) return
        handle(received.message as Message)
      }
    },
    break: breakWith,
  }
}

const neverAborted = new AbortController().signal

/** The bytes of an answer move instead of being copied, and so do ports in it. */
function transferables(value: unknown): Transferable[] {
  // Answers are objects of a few fields, or lists, which are long and hold nothing of the kind.
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return []
  const ports = Object.values(value).filter((part) => part instanceof MessagePort)
  if (!('body' in value)) return ports
  const { body } = value
  const isLent = 'isLent' in value && value.isLent === true
  const isWhole =
    body instanceof Uint8Array &&
    body.buffer instanceof ArrayBuffer &&
    (isLent || body.byteLength === body.buffer.byteLength)
  return isWhole ? [...ports, body.buffer as ArrayBuffer] : ports
}
