import * as z from 'zod'
import { duration, size, toggle } from '../../lib/option.ts'
import type { Appetite } from '../define-sink.ts'

/** A path or the name of a package. */
function moduleName(description: string) {
  return z.string().min(1).max(4_096).meta({ description })
}

/** What goes to a module as it stands. It may hold passwords, and nobody knows where. */
export function freeSection(description: string) {
  return z
    .unknown()
    .refine((value) => typeof value === 'object' && value !== null && !Array.isArray(value), {
      error: 'a section',
    })
    .optional()
    .meta({ description, noun: 'a section', type: 'object', secret: true })
}

/** Options of every sink that is a module which is not ours. */
export const moduleOptionsOf = (moduleDescription: string) => ({
  module: moduleName(moduleDescription),
  directory: z.string().min(1).max(4_096).optional().meta({
    description:
      'Where the path of `module` begins, and from where packages are looked for. Where the configuration file is, if not given.',
  }),
  packets: toggle(
    'It is given what is received as well, as it came. Each packet is copied for it; one for which there is no time is left out and counted.',
    false,
  ),
  timeout: duration(
    'How long it may take for one batch; and to be loaded, but for that at least 30 seconds. Then its thread is ended and started again.',
    '30s',
    { min: '100ms', max: '1h' },
  ),
  memory: size(
    'How large its heap may become. A module that wants more is ended and started again.',
    '256MiB',
    {
      min: '16MiB',
      max: '64GiB',
    },
  ),
})

/** Modules are told who sent a packet, too. */
export function packetsOfModule({ packets }: { readonly packets: boolean }): Appetite['packets'] {
  return packets ? 'packets-and-senders' : 'off'
}
