import * as z from 'zod'
import { choice } from '../lib/option.ts'
import { deliveryOptions } from './delivery/delivery-options.ts'

export const consoleOptions = z
  .strictObject({
    type: z.enum(['stdout', 'stderr']),
    ...deliveryOptions,
    format: choice(
      'How it is printed. `text` is a readable block per flush, `json` a line of JSON per metric and flush.',
      ['text', 'json'],
      'text',
    ),
  })
  .meta({ description: 'Prints each flush, to look at or to pipe into another program.' })

export type ConsoleOptions = z.output<typeof consoleOptions>
