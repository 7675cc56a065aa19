import type { Clock } from '../lib/clock.ts'
import type { Log } from '../telemetry/log.ts'
import type { DecodedOutput, LineFormat } from '../formats/format.ts'
import type { RejectionSample } from '../model/rejection.ts'
import type { IntakeMeter } from './intake-meter.ts'

/** How bytes arrive. One listener is one transport, one port and one format, on one or more addresses. */
export interface Listener {
  /** `statsd-udp`, `statsd-tcp`, `graphite-tcp`, `graphite-udp`: the label of its own metrics. */
  readonly name: string
  /**
   * Binds every address or none. Rejects with the KymoError `address-in-use`, `address-denied` or
   * `address-unavailable`. A loopback address of a family that the machine does not have is left out.
   */
  open(): Promise<BoundAddress[]>
  /** Stops taking in. What was received before is handed on first. Safe to call twice, and before `open`. */
  close(): Promise<void>
}

export interface BoundAddress {
  readonly transport: 'udp' | 'tcp'
  readonly host: string
  readonly port: number
}

export interface ListenerOptions {
  readonly name: string
  /** `127.0.0.1`, `::1`, `0.0.0.0`, ... */
  readonly hosts: readonly string[]
  /** 0 asks for a free port, one and the same for all hosts. */
  readonly port: number
  /** The flag that sets the port, for error messages: `--statsd-port`. */
  readonly portFlag: string
  /** Several threads receive on this one port (SO_REUSEPORT); whether it is free has been probed before. */
  readonly isShared?: boolean
  readonly format: LineFormat
  readonly output: DecodedOutput
  readonly meter: IntakeMeter
  /** Called with some of the rejected lines, at most two a second, for people to look at. */
  readonly onRejection?: (sample: RejectionSample) => void
  readonly clock: Clock
  readonly log: Log
}
