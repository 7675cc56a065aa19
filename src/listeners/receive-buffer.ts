import type { IntakeOptions } from './listener.ts'

/** What the kernel is asked to hold for us while we are busy. It may grant less. */
export const RECEIVE_BUFFER_BYTES = 32 * 1_024 * 1_024

/** Says what receive buffer there is, of the sockets of a listener the smallest. */
export function logGrantedBuffer(
  { name, log }: Pick<IntakeOptions, 'name' | 'log'>,
  requestedBytes: number,
  granted: readonly number[],
): void {
  const fields = { listener: name, requestedBytes, grantedBytes: Math.min(...granted) }
  log.debug(
    fields,
    fields.grantedBytes >= requestedBytes
      ? 'The receive buffer is as asked for.'
      : 'The kernel grants a smaller receive buffer than asked for; raise net.core.rmem_max to ride out longer bursts.',
  )
}
