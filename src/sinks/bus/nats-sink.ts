import type { JetStreamClient } from '@nats-io/jetstream'
import type { connect, NodeConnectionOptions } from '@nats-io/transport-node'
import { KymoError, reasonOf } from '../../telemetry/errors.ts'
import type { NatsOptions } from '../nats.ts'
import type { Sink, SinkContext, SinkResult } from '../sink.ts'
import { loadPeer, unlessAborted } from './load-peer.ts'
import { BusEncoder, type BusMessage } from './messages.ts'

type Connection = Awaited<ReturnType<typeof connect>>

/** So many messages are on their way before the server has answered for them. */
const WINDOW_MESSAGES = 1_000
/** What the server's messages carry besides the text, at most. */
const HEADER_BYTES = 8_192

/**
 * Publishes to NATS. A batch is delivered when the server has answered that it has read all of it; with JetStream, when a stream has taken each
 * message. A batch that failed is sent again whole.
 */
export function createNatsSink(options: NatsOptions, { clock }: SinkContext): Sink {
  const { name } = options
  const address = options.servers.join(', ')
  const encoder = new BusEncoder({ format: options.format, place: options.subject, escape: toSubject })
  let connection: Connection | undefined
  let stream: JetStreamClient | undefined

  async function connected(): Promise<Connection> {
    if (connection !== undefined && !connection.isClosed()) return connection
    const nats = await loadPeer(name, '@nats-io/transport-node', () => import('@nats-io/transport-node'))
    const jetstream = options.jetstream
      ? await loadPeer(name, '@nats-io/jetstream', () => import('@nats-io/jetstream'))
      : undefined
    const opened = await nats.connect(settingsOf(name, options))
    connection = opened
    // What closes it is met by whoever publishes next.
    opened.closed().catch(() => {})
    stream = jetstream?.jetstream(opened)
    return opened
  }

  async function send(
    messages: (refuse: (points: number) => void) => Iterable<BusMessage>,
    signal: AbortSignal,
  ): Promise<SinkResult> {
    signal.throwIfAborted()
    let refusedPoints = 0
    const refuse = (points: number): void => {
      refusedPoints += points
    }
    try {
      const opened = await unlessAborted(connected(), signal)
      const mostBytes = (opened.info?.max_payload ?? 1_048_576) - HEADER_BYTES
      let window: BusMessage[] = []
      for (const message of messages(refuse)) {
        if (Buffer.byteLength(message.text) > mostBytes) refuse(message.points)
        else window.push(message)
        if (window.length < WINDOW_MESSAGES) continue
        await unlessAborted(publish(opened, window), signal)
        window = []
      }
      await unlessAborted(publish(opened, window), signal)
    } catch (error) {
      giveUp()
      throw signal.aborted ? signal.reason : errorOf(error)
    }
    return { refusedPoints }
  }

  async function publish(opened: Connection, window: readonly BusMessage[]): Promise<void> {
    const late = Promise.withResolvers<never>()
    const timer = clock.after(options.send_timeout, () =>
      late.reject(new Error(`it has taken nothing for ${options.send_timeout / 1_000} s`)),
    )
    try {
      await Promise.race([late.promise, publishNow(opened, window)])
    } finally {
      timer.cancel()
    }
  }

  async function publishNow(opened: Connection, window: readonly BusMessage[]): Promise<void> {
    const { jetstream, send_timeout: timeout } = options
    if (!jetstream) {
      for (const { place, text } of window) opened.publish(place, text)
      return await opened.flush()
    }
    if (stream === undefined) throw new Error('BUG: there is a connection, and no JetStream')
    const client = stream
    await Promise.all(
      window.map(({ place, text, id }) =>
        client.publish(place, text, { timeout, ...(id === undefined ? {} : { msgID: id }) }),
      ),
    )
  }

  function giveUp(): void {
    const given = connection
    connection = undefined
    void given?.close().catch(() => {})
  }

  function errorOf(error: unknown): KymoError {
    if (error instanceof KymoError) return error
    const reason = reasonOf(error)
    const isDenied = /authorization|permission|authentication|user .*expired/i.test(
      `${(error as Error).name} ${reason}`,
    )
    return new KymoError(
      isDenied ? 'sink-denied' : 'sink-unreachable',
      { name, address, reason },
      { cause: error },
    )
  }

  return {
    name,
    flush: (batch, signal) => send((refuse) => encoder.flush(batch, refuse), signal),
    points: (batch, signal) => send((refuse) => encoder.points(batch, refuse), signal),
    events: (events, signal) => send(() => encoder.events(events), signal),
    close: async () => giveUp(),
  }
}

function settingsOf(name: string, options: NatsOptions): NodeConnectionOptions {
  const { servers, user, password, token, connect_timeout: timeout } = options
  return {
    servers: [...servers],
    name: `kymo ${name}`,
    timeout,
    // The runner tries again, and knows how long to wait.
    reconnect: false,
    ...(user === undefined ? {} : { user }),
    ...(password === undefined ? {} : { pass: password }),
    ...(token === undefined ? {} : { token }),
    ...(servers.some((server) => server.startsWith('tls:')) ? { tls: {} } : {}),
  }
}

/** Nodes of a subject are not empty, and have neither white space nor a wildcard. */
function toSubject(name: string): string {
  return name
    .replaceAll(/[\s*>\p{Cc}]/gu, '_')
    .split('.')
    .map((node) => (node === '' ? '_' : node))
    .join('.')
}
