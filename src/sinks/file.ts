import * as z from 'zod'
import { duration, integer, size, text, toggle } from '../lib/option.ts'
import { defineSink, type NamedOptions } from './define-sink.ts'
import { deliveryOptions } from './delivery/delivery-options.ts'

const options = () =>
  z
    .strictObject({
      type: z.literal('file'),
      ...deliveryOptions(),
      path: text(
        'File that is written to. A relative one starts at the working directory. Directories that are missing are made.',
        'kymo-metrics.jsonl',
      ),
      rotate_size: size(
        'When the file has so much, it is put aside under the time as `path.20260131T040010Z`, and a new one begun.',
        '100MiB',
        { min: '4KiB', max: '1TiB' },
      ),
      rotate_every: duration('The same, when it was begun so long ago.', '1d', { min: '1s', max: '366d' }),
      keep: integer('How many files that were put aside are kept; the oldest are deleted.', 7, {
        min: 0,
        max: 10_000,
      }),
      compress: toggle('Files that are put aside are compressed with gzip.', false),
    })
    .meta({ description: 'Writes each flush to a file, as lines of JSON.' })

export type FileOptions = NamedOptions<typeof options>

export const fileSink = defineSink({
  types: ['file'],
  options,
  async create(sink, context) {
    const { createFileSink } = await import('./file/file-sink.ts')
    return createFileSink(sink, context)
  },
})
