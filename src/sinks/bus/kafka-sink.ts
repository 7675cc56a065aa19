import type { Producer } from '@platformatic/kafka'
import { KymoError, reasonOf } from '../../telemetry/errors.ts'
import type { KafkaOptions } from '../kafka.ts'
import type { Sink, SinkContext, SinkResult } from '../sink.ts'
import { loadPeer, unlessAborted } from './load-peer.ts'
import { BusEncoder, type BusMessage } from './messages.ts'

const ACKS = { all: -1, leader: 1, none: 0 } as const
const MOST_TOPIC_CHARACTERS = 249
/** Of a record, besides key and text. */
const RECORD_BYTES = 64

type TextProducer = Producer<string, string, string, string>

/**
 * Produces to Kafka: a message for each metric, with its key. A batch is delivered when all its requests are acknowledged; one that failed is
 * produced again whole.
 */
export function createKafkaSink(options: KafkaOptions, _context: SinkContext): Sink {
  const { name } = options
  const encoder = new BusEncoder({
    format: options.format,
    place: options.topic,
    escape: topicEscape(options.topic),
  })
  let producer: TextProducer | undefined

  async function open(): Promise<TextProducer> {
    if (producer !== undefined) return producer
    const kafka = await loadPeer(name, '@platformatic/kafka', () => import('@platformatic/kafka'))
    producer = new kafka.Producer({ ...settingsOf(name, options), serializers: kafka.stringSerializers })
    return producer
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
      const opened = await unlessAborted(open(), signal)
      for (const request of requestsOf(messages(refuse), options.max_request, refuse))
        await unlessAborted(produce(opened, request), signal)
    } catch (error) {
      await giveUp()
      throw signal.aborted ? signal.reason : errorOf(error)
    }
    return { refusedPoints }
  }

  async function produce(opened: TextProducer, request: readonly BusMessage[]): Promise<void> {
    await opened.send({
      messages: request.map(({ place, key, text }) => ({ topic: place, key, value: text })),
      acks: ACKS[options.acks],
      compression: options.compression,
      autocreateTopics: options.create_topics,
    })
  }

  async function giveUp(): Promise<void> {
    const given = producer
    producer = undefined
    // One that never got through has nothing to close, and says so.
    given?.close(true).catch(() => {})
  }

  function errorOf(error: unknown): KymoError {
    if (error instanceof KymoError) return error
    const reason = reasonsOf(error).join(': ')
    const details = { name, address: options.brokers.join(', '), reason }
    if (/AUTHORIZATION_FAILED|SASL_AUTHENTICATION|AuthenticationError|PLT_KFK_AUTHENTICATION/i.test(reason))
      return new KymoError('sink-denied', details, { cause: error })
    if (/MESSAGE_TOO_LARGE|RECORD_LIST_TOO_LARGE|INVALID_TOPIC/i.test(reason))
      return new KymoError('sink-refused', { name, reason }, { cause: error })
    return new KymoError('sink-unreachable', details, { cause: error })
  }

  return {
    name,
    flush: (batch, signal) => send((refuse) => encoder.flush(batch, refuse), signal),
    points: (batch, signal) => send((refuse) => encoder.points(batch, refuse), signal),
    events: (events, signal) => send(() => encoder.events(events), signal),
    close: giveUp,
  }
}

/** As few requests as can be, none larger than it may be; a message that is larger by itself is left out. */
export function* requestsOf(
  messages: Iterable<BusMessage>,
  mostBytes: number,
  refuse: (points: number) => void,
): Generator<BusMessage[]> {
  let request: BusMessage[] = []
  let bytes = 0
  for (const message of messages) {
    const messageBytes = Buffer.byteLength(message.text) + Buffer.byteLength(message.key) + RECORD_BYTES
    if (messageBytes > mostBytes) {
      refuse(message.points)
      continue
    }
    if (bytes + messageBytes > mostBytes) {
      yield request
      request = []
      bytes = 0
    }
    request.push(message)
    bytes += messageBytes
  }
  if (request.length > 0) yield request
}

function settingsOf(name: string, options: KafkaOptions) {
  const { brokers, user, password, mechanism, tls } = options
  return {
    clientId: `kymo-${name}`,
    bootstrapBrokers: [...brokers],
    connectTimeout: options.connect_timeout,
    requestTimeout: options.send_timeout,
    // The runner tries again, and knows how long to wait.
    retries: 0,
    autocreateTopics: options.create_topics,
    ...(tls ? { tls: {} } : {}),
    ...(user === undefined ? {} : { sasl: { mechanism, username: user, password: password ?? '' } }),
  }
}

/** What went wrong, and what that came of: the outermost says only that something did. */
function reasonsOf(error: unknown, depth = 0): string[] {
  if (depth > 5 || error === undefined || error === null) return []
  const { cause, errors, apiId, code } = error as {
    cause?: unknown
    errors?: unknown[]
    apiId?: unknown
    code?: unknown
  }
  const own = [reasonOf(error), ...[apiId, code].filter((one): one is string => typeof one === 'string')]
  return [...new Set([...own, ...reasonsOf(cause ?? errors?.[0], depth + 1)])]
}

/** Makes parts of a topic: letters, digits and `._-`, so many that the whole is no longer than a topic may be, and not dots alone. */
export function topicEscape(template: string): (name: string) => string {
  const uses = template.split(/\{\{\s*metric\s*\}\}/).length - 1
  const most = Math.floor((MOST_TOPIC_CHARACTERS - template.length) / Math.max(1, uses)) + '{{metric}}'.length
  return (name) => {
    const topic = name.replaceAll(/[^A-Za-z0-9._-]/g, '_').slice(0, most)
    return /^\.*$/.test(topic) ? topic.replaceAll('.', '_').padEnd(1, '_') : topic
  }
}
