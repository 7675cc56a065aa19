import * as z from 'zod'
import { choice, size } from '../lib/option.ts'
import { defineSink, type NamedOptions } from './define-sink.ts'
import { deliveryOptions } from './delivery/delivery-options.ts'

const options = () =>
  z
    .strictObject({
      type: z.enum(['stdout', 'stderr']),
      ...deliveryOptions(),
      // What was to be seen yesterday is not worth the disk.
      spool_bytes: size(
        'How much may wait on disk when memory is full, where nobody reads. When there is more, the oldest are dropped and counted. `0B`: only memory.',
        '0B',
        { max: '1000GiB' },
      ),
      format: choice(
        'How it is printed. `text` is a readable block per flush, `json` a line of JSON per metric and flush.',
        ['text', 'json'],
        'text',
      ),
    })
    .meta({ description: 'Prints each flush, to look at or to pipe into another program.' })

export type ConsoleOptions = NamedOptions<typeof options>

export const consoleSink = defineSink({
  types: ['stdout', 'stderr'],
  options,
  async create(sink, context) {
    const { createConsoleSink } = await import('./console/console-sink.ts')
    return createConsoleSink(sink, context)
  },
})
