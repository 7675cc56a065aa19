import * as z from 'zod'
import { WIRE_TAG_FORMS } from '../formats/graphite-plaintext/wire-name.ts'
import { choice, duration, integer, optionalPort, text, toggle } from '../lib/option.ts'
import { defineSink, type NamedOptions } from './define-sink.ts'
import { deliveryOptions } from './delivery/delivery-options.ts'
import { type Destination, graphiteDestinations, parseDestination } from './graphite/destination.ts'
import { RING_HASHES } from './graphite/ring-hashes.ts'

const options = () =>
  z
    .strictObject({
      type: z.literal('graphite'),
      ...deliveryOptions(),
      host: text('Host name or address of the carbon receiver.', 'localhost'),
      port: optionalPort(
        "TCP port of the carbon receiver. Left out: 2003, or 2004 for `pickle`, which are carbon's.",
        1,
      ),
      protocol: choice(
        "Which of carbon's protocols is spoken. `pickle` is what carbon-relay speaks; values keep all their digits in either.",
        ['plaintext', 'pickle'],
        'plaintext',
      ),
      tag_form: choice(
        'What becomes of tags. `keep`: `name;key=value`, which carbon takes since 1.1. `flatten`: `name.key.value`, for carbons that are older. `drop`: they are left out, and of series that differ in tags alone carbon keeps one.',
        WIRE_TAG_FORMS,
        'keep',
      ),
      destinations: z
        .array(z.string().transform(readDestination))
        .min(1)
        .max(32)
        .refine(isWithoutRepetitions, { error: 'destinations that differ in host or instance' })
        .optional()
        .meta({
          description:
            "Several carbons instead of `host` and `port`, as carbon's `DESTINATIONS` has them: `host:port` or `host:port:instance`. Each series goes to the one that carbon-relay would send it to by consistent hashing. Each is a sink of its own, with a queue of its own: `graphite-1`, `graphite-2`, ... in logs and own metrics.",
        }),
      ring: choice(
        "How names are hashed onto `destinations`: what carbon's `ROUTER_HASH_TYPE` is.",
        RING_HASHES,
        'carbon_ch',
      ),
      replication_factor: integer(
        "How many of `destinations` each series goes to: carbon's `REPLICATION_FACTOR`.",
        1,
        {
          min: 1,
          max: 32,
        },
      ),
      diverse_replicas: toggle(
        "The copies of a series go to different hosts, as with carbon's `DIVERSE_REPLICAS`. A series has fewer copies if there are not so many hosts.",
        true,
      ),
      connect_timeout: duration('How long the receiver may take to accept a connection.', '5s', {
        min: '1ms',
        max: '10m',
      }),
      send_timeout: duration(
        'How long the receiver may take nothing at all. Then the connection is given up and the batch sent again on a new one.',
        '10s',
        { min: '1ms', max: '10m' },
      ),
    })
    .meta({
      description:
        "Sends each flush to Graphite's carbon, to several, or to anything that takes one of its protocols, over TCP.",
    })

/** `destination` says which of `destinations` this sink is for; it is made where a sink of several is made several. */
export type GraphiteOptions = NamedOptions<typeof options> & { readonly destination?: number }

export const graphiteSink = defineSink({
  types: ['graphite'],
  options,
  example: { host: 'carbon.example.net' },
  peers: (sink) => graphiteDestinations(sink).map(({ host, port }) => ({ host, port, wire: 'graphite' })),
  async create(sink: GraphiteOptions, context) {
    const { createGraphiteSink } = await import('./graphite/graphite-sink.ts')
    return createGraphiteSink(sink, context)
  },
})

function readDestination(value: string, context: z.RefinementCtx): Destination {
  const destination = parseDestination(value)
  if (destination !== undefined) return destination
  context.addIssue({ code: 'custom', message: 'host:port or host:port:instance, as in graphite1:2004:a' })
  return z.NEVER
}

/** carbon refuses two of one host and instance: they would have the same places on its ring. */
function isWithoutRepetitions(destinations: readonly Destination[]): boolean {
  return new Set(destinations.map(({ host, instance }) => `${host} ${instance}`)).size === destinations.length
}
