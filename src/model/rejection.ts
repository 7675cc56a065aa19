/**
 * Why a received line was not accepted. A closed list: it labels `kymo_rejected_lines_total{reason}`.
 * Received = accepted + rejected; empty lines are none of the three; a line packed with values is one line.
 */
export const REJECTION_REASONS = [
  'no_value', //        nothing after the name, or no ':' at all
  'no_type', //         no '|' after the value, or nothing behind it
  'empty_name', //      nothing left of the name once sanitised
  'name_too_long', //   more bytes than a name may have
  'too_many_nodes', //  more nodes than a name may have
  'unknown_type', //    not one of the types of the protocol
  'bad_number', //      not a finite decimal
  'bad_sample_rate', // not a finite decimal in (0, 1]
  'bad_field', //       a field after the type that no dialect knows how to mean
  'bad_timestamp', //   a time that is no time, is far from now, or stands where none may
  'too_many_tags', //   more tags than a metric may have
  'tag_too_long', //    more bytes than a tag may have
  'bad_event', //       an event or a service check whose lengths or status are wrong
  'too_long', //        longer than a line may be
  'bad_pickle', //      a message that is no list of (path, (time, value)), or an entry of one
  'cut_off', //         the connection broke, or was closed by us, inside the line
  'unsupported', //     an event or a service check in a dialect that has none
] as const
export type RejectionReason = (typeof REJECTION_REASONS)[number]

/** One rejected line, to be shown to people. Only some are sampled; the counters know all of them. */
export interface RejectionSample {
  readonly listener: string
  readonly reason: RejectionReason
  /** Escaped and cut. */
  readonly line: string
  /** Address of the sender. */
  readonly sender: string
  readonly atMs: number
}
