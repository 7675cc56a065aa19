import * as z from 'zod'
import { toggle } from '../lib/option.ts'
import { defineSink } from './define-sink.ts'
import { deliveryOptions } from './delivery/delivery-options.ts'
import { freeSection, moduleOptionsOf, packetsOfModule } from './isolated/module-settings.ts'

const options = () =>
  z
    .strictObject({
      type: z.literal('module'),
      ...deliveryOptions(),
      ...moduleOptionsOf(
        'A JavaScript or TypeScript module that exports `create`: a path, or the name of a package. An entry that says `module` and no type is of this one.',
      ),
      options: freeSection('What its `create` is given, as it stands here.'),
      details: toggle('Its flushes come with the values of timers and the members of sets.', false),
    })
    .meta({
      description:
        'A sink of your own, in a thread of its own: what it does wrong meets nothing else. See docs/guide/your-own-sink.md.',
    })

/** A sink of somebody else: see own-sink.ts. */
export const moduleSink = defineSink({
  types: ['module'],
  options,
  example: { module: './my-sink.js' },
  wants: (sink) => ({ details: sink.details, packets: packetsOfModule(sink) }),
  async create(sink, context) {
    const { IsolatedModule } = await import('./isolated/isolated-module.ts')
    const { name, module, directory = process.cwd(), timeout, memory } = sink
    return new IsolatedModule({
      plan: { kind: 'sink', name, module, directory, options: sink.options },
      timeoutMs: timeout,
      memoryBytes: memory,
      context,
    })
  },
})
