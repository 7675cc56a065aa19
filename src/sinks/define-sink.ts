import type * as z from 'zod'
import type { deliveryOptions } from './delivery/delivery-options.ts'
import type { Sink, SinkContext } from './sink.ts'

/** Its type, what every sink has, and what is its own. Described: that is its page in the reference. */
export type SinkSchema = z.ZodObject<
  { type: z.ZodLiteral<string> | z.ZodEnum<Readonly<Record<string, string>>> } & ReturnType<
    typeof deliveryOptions
  >
>

/** The options of a sink that is to be made: it has a name in any case. */
export type NamedOptions<Options extends () => SinkSchema> = z.output<ReturnType<Options>> & {
  readonly name: string
}

/** What sinks are given besides statistics. What none of those configured wants is not made. */
export interface Appetite {
  /** The values of timers and the members of sets: FlushBatch.details. */
  readonly details: boolean
  /** Which gauges had no sample in an interval: for what is to forget them after a time. */
  readonly idleGauges: boolean
  /** What was received, as it came, and who sent it: Sink.packets. */
  readonly packets: 'off' | 'packets' | 'packets-and-senders'
}

/** Where a sink sends to, and what it speaks there: nothing may be sent to Kymo's own intakes. */
export interface Peer {
  readonly host: string
  readonly port: number
  readonly wire: 'graphite' | 'statsd' | 'otlp-http' | 'otlp-grpc'
}

/**
 * All that the rest of Kymo knows of a kind of sink: one file exports one, and one line of index.ts lists it.
 *
 * The thread that reads the configuration has these of all sinks before any socket is open, and more only of those that are configured. So
 * `options` makes the schema when it is asked for, what such a file imports at its top is little, and `create` imports what it needs: the implementation, in a file of its own where it is long, or
 * what sends (delivery/http-sender.ts, delivery/tcp-connection.ts).
 */
interface SinkParts<Schema extends SinkSchema> {
  /** Several where they differ in nothing but that. */
  readonly types: readonly string[]
  readonly options: () => Schema
  /** What is said at least, or typically, besides the type: the reference shows it, and tests make a sink of it. Left out: nothing has to be. */
  readonly example?: Readonly<Record<string, unknown>>
  /** Left out: statistics are all it wants. */
  wants?(options: z.output<Schema>): Partial<Appetite>
  /** Left out: it speaks nothing that Kymo listens to. */
  peers?(options: z.output<Schema>): readonly Peer[]
  create(options: NamedOptions<() => Schema>, context: SinkContext): Sink | Promise<Sink>
}

export interface SinkDefinition<Schema extends SinkSchema>
  extends Required<Omit<SinkParts<Schema>, 'options' | 'create'>> {
  /** Made once. */
  readonly options: Schema
  /** One without a name is named after its type. */
  create(options: z.output<Schema>, context: SinkContext): Promise<Sink>
}

export function defineSink<Schema extends SinkSchema>(parts: SinkParts<Schema>): SinkDefinition<Schema> {
  let schema: Schema | undefined
  return {
    example: {},
    wants: () => ({}),
    peers: () => [],
    ...parts,
    get options() {
      return (schema ??= parts.options())
    },
    create: async (options, context) => parts.create({ ...options, name: sinkName(options) }, context),
  }
}

/** The label of a sink in logs and own metrics. */
export function sinkName(options: { readonly name?: string | undefined; readonly type: string }): string {
  return options.name ?? options.type
}
