import * as z from 'zod'
import { type Appetite, type Peer, type SinkDefinition, sinkName, type SinkSchema } from './define-sink.ts'
import * as definitions from './index.ts'

type Schema = (typeof definitions)[keyof typeof definitions]['options']

/** Every sink that can be configured, in the order of their types, and light: what sends is not loaded for it. */
export const SINKS: readonly SinkDefinition<SinkSchema>[] = Object.values(definitions).toSorted(
  ({ types: [a = ''] }, { types: [b = ''] }) => (a < b ? -1 : 1),
)

/** Made when the first sink is configured: it is as much as all other options together. */
export const sinkOptions = z.lazy(() =>
  z.discriminatedUnion(
    'type',
    SINKS.map(({ options }) => options) as unknown as readonly [Schema, ...Schema[]],
  ),
)

export type SinkOptions = z.output<typeof sinkOptions>

/** `name` is that of no other. */
export type NamedSinkOptions = SinkOptions & { readonly name: string }

/** One that is configured is several where it has several destinations: each has a queue of its own, and trouble of its own. */
export function namedSinks(options: SinkOptions): NamedSinkOptions[] {
  const name = sinkName(options)
  if (options.type !== 'graphite' || options.destinations === undefined) return [{ ...options, name }]
  return options.destinations.map((_, destination) => ({
    ...options,
    name: `${name}-${destination + 1}`,
    destination,
  }))
}

export function definitionOf({ type }: SinkOptions): SinkDefinition<SinkSchema> {
  const definition = DEFINITIONS.get(type)
  if (definition === undefined) throw new Error(`BUG: there is no sink of type ${type}`)
  return definition
}

const DEFINITIONS = new Map(SINKS.flatMap((sink) => sink.types.map((type) => [type, sink])))

/** Where a sink sends to that Kymo itself might be. */
export function peersOf(options: SinkOptions): readonly Peer[] {
  return definitionOf(options).peers(options)
}

/** What all of them together want. */
export function appetiteOf(sinks: readonly SinkOptions[]): Appetite {
  const wanted = sinks.map((options) => definitionOf(options).wants(options))
  const packets = wanted.map((one) => one.packets)
  return {
    details: wanted.some(({ details }) => details),
    idleGauges: wanted.some(({ idleGauges }) => idleGauges),
    packets: (['packets-and-senders', 'packets'] as const).find((most) => packets.includes(most)) ?? 'off',
  }
}
