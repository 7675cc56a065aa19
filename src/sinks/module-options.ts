import * as z from 'zod'
import { toggle } from '../lib/option.ts'
import { deliveryOptions } from './delivery/delivery-options.ts'
import { freeSection, moduleOptionsOf } from './isolated/module-settings.ts'

export const moduleOptions = z
  .strictObject({
    type: z.literal('module'),
    ...deliveryOptions,
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

export type ModuleOptions = z.output<typeof moduleOptions>
