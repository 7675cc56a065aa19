import path from 'node:path'
import * as z from 'zod'
import { choice, size } from '../lib/option.ts'

/** The options of Unix sockets, which stand beside the port of what they carry. */
export const unixSocketOptions = {
  unix_datagram: socketPath(
    'Path of a Unix socket for datagrams, such as `/run/kymo/statsd.sock`. Not set, there is none. Its directory has to be there; a relative path starts at the working directory.',
  ),
  unix_stream: socketPath('Path of a Unix socket for streams. Not set, there is none.'),
  unix_mode: z
    .string()
    .regex(/^0?[0-7]{3}$/, { error: 'permissions in octal digits and in quotes, such as "0722"' })
    .transform((text) => Number.parseInt(text, 8))
    .prefault('0722')
    .meta({
      description:
        'Who may send to the Unix sockets: the permissions of their files in octal digits, of which the right to write is what counts. Everybody on this machine may, unless it is set.',
    }),
  unix_framing: choice(
    "How a stream on the Unix socket is parted: `length`, as Datadog's clients do (32 bits, little endian, in front of lines), or `lines`, each ended by LF.",
    ['length', 'lines'],
    'length',
  ),
  unix_max_frame: size('The longest frame of a stream; one that is longer ends its connection.', '64KiB', {
    min: '1KiB',
    max: '16MiB',
  }),
}

type UnixSocketValues = z.output<z.ZodObject<typeof unixSocketOptions>>

/** As the listeners are handed them. */
export interface UnixSocketConfig {
  /** Absolute. */
  readonly datagramPath: string | undefined
  /** Absolute. */
  readonly streamPath: string | undefined
  readonly mode: number
  readonly framing: 'length' | 'lines'
  readonly maxFrameBytes: number
}

/** `cwd` is where relative paths start. */
export function toUnixSocketConfig(values: UnixSocketValues, cwd: string): UnixSocketConfig {
  const absolute = (socket: string | undefined): string | undefined =>
    socket === undefined ? undefined : path.resolve(cwd, socket)
  return {
    datagramPath: absolute(values.unix_datagram),
    streamPath: absolute(values.unix_stream),
    mode: values.unix_mode,
    framing: values.unix_framing,
    maxFrameBytes: values.unix_max_frame,
  }
}

function socketPath(description: string) {
  return z
    .string()
    .min(1)
    .max(4_096)
    .refine((value) => !value.includes('\0'), { error: 'a path without a NUL' })
    .optional()
    .meta({ description })
}
