import type { Clock } from '../lib/clock.ts'
import type { Log } from '../telemetry/log.ts'
import type { DecodedOutput, LineFormat, LineShortcut } from '../formats/format.ts'
import type { RejectionReason, RejectionSample } from '../model/rejection.ts'
import type { HeldPort } from './held-port.ts'
import type { IntakeMeter } from './intake-meter.ts'
import type { LineWatch } from './line-watch.ts'
import type { PacketFeed } from './packet-feed.ts'

/**
 * How bytes arrive. One listener is one transport and one format, on one port of one or more addresses or on one path
 * of the file system.
 */
export interface Listener<Address = BoundAddress> {
  /** `statsd-udp`, `statsd-tcp`, `graphite-tcp`, `statsd-unix-datagram`: the label of its own metrics. */
  readonly name: string
  /**
   * Binds every address or none. Rejects with the KymoError `address-in-use`, `address-denied` or
   * `address-unavailable`. A loopback address of a family that the machine does not have is left out.
   */
  open(): Promise<Address[]>
  /** Stops taking in. What was received before is handed on first. Safe to call twice, and before `open`. */
  close(): Promise<void>
}

/** How datagrams of UDP are received. */
export type ReceiverKind = 'recvmmsg' | 'dgram'

export interface BoundAddress {
  readonly transport: 'udp' | 'tcp'
  readonly host: string
  readonly port: number
}

/** A Unix socket, which has a path and no port. */
export interface BoundPath {
  readonly transport: 'unix-datagram' | 'unix-stream'
  readonly path: string
}

/** Whether there is room for what a listener takes in. A stream that can wait is not read from while there is none. */
export interface Room {
  readonly isFull: boolean
  /** Called once, when there is some again. */
  whenEmpty(action: () => void): void
}

/** What every listener is given, wherever it listens. */
export interface IntakeOptions {
  readonly name: string
  readonly format: LineFormat
  readonly output: DecodedOutput
  /** Left out: every line is decoded. */
  readonly shortcut?: LineShortcut
  /** Left out: what comes is always taken. */
  readonly room?: Room
  readonly meter: IntakeMeter
  /** Called with every rejected line, which is part of the block that is being taken in. */
  readonly onRefused?: (reason: RejectionReason, start: number, end: number) => void
  /** Called with some of the rejected lines, at most two a second, for people to look at. */
  readonly onRejection?: (sample: RejectionSample) => void
  /** Left out: nobody can watch what comes. */
  readonly watch?: LineWatch
  /** Left out: nobody passes on what comes. */
  readonly feed?: PacketFeed
  readonly clock: Clock
  readonly log: Log
}

export interface ListenerOptions extends IntakeOptions {
  /** `127.0.0.1`, `::1`, `0.0.0.0`, ... */
  readonly hosts: readonly string[]
  /** 0 asks for a free port, one and the same for all hosts. */
  readonly port: number
  /** The flag that sets the port, for error messages: `--statsd-port`. */
  readonly portFlag: string
  /** Several threads receive on this one port (SO_REUSEPORT); whether it is free has been probed before. */
  readonly isShared?: boolean
  /**
   * Sockets that are bound already, one per host: the listener reads from them and binds none of its own. They are its own
   * from then on, and it closes them.
   */
  readonly held?: readonly HeldPort[]
}

export interface UnixListenerOptions extends IntakeOptions {
  /** Where the socket is made. Its directory has to be there. */
  readonly path: string
  /** Who may send: the permissions of the socket's file, of which writing is what counts. Without it 0722. */
  readonly mode?: number
  /** The setting that holds the path, for error messages: `statsd.unix_datagram`. */
  readonly setting: string
}
