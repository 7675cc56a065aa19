import type {
  DeletionReport,
  ImportResult,
  RulesAnswer,
  RulesQuestion,
  SeriesDeletion,
} from '../../api/services.ts'
import type { PointColumns } from '../../formats/point-columns/point-columns.ts'
import type { Rollup } from '../../model/series-identity.ts'
import type { SeriesKey } from '../../model/series-key.ts'
import type { TimeRange } from '../../model/time-range.ts'
import type { RuleBookSource } from '../../store/rules/index.ts'
import type { BackupReport } from '../../store/backup-report.ts'

/** The Kymo that points are moved into or out of: one that runs, or the data directory of one that does not. */
export interface KymoPeer {
  /** As a person knows it: an address or a path. */
  readonly name: string
  /** Resolves when the points can be read. Until then the columns are the peer's, which may change them. */
  send(columns: PointColumns): Promise<ImportResult>
  /** Resolves when everything sent before survives a power cut. */
  settle(): Promise<void>
  /** Sorted by key; all without a pattern. */
  list(pattern: string | undefined): Promise<readonly ListedSeries[]>
  /** All there is of series, in the order asked for. Throws the KymoError `too-many-points`: then ask for less at once. */
  points(series: readonly NamedSeries[], range: TimeRange): Promise<PointColumns>
  deleteSeries(wanted: SeriesDeletion): Promise<DeletionReport>
  /** What rules would do. One that runs compares them with those in force, whatever `before` says. Throws the KymoError `rules-invalid`. */
  rules(question: RulesQuestion & { readonly after: RuleBookSource }): Promise<RulesAnswer>
  /** To a directory of the machine that it is on, by its absolute path. */
  backUp(path: string): Promise<BackupReport>
  /** The bytes of the answer, as HTTP gives it. Throws what answering throws. */
  ask(question: PeerQuestion): Promise<Uint8Array>
  close(): Promise<void>
}

/** A query by the parameters of `/render`. */
export interface PeerQuestion {
  readonly kind: 'render' | 'explain'
  readonly parameters: Readonly<Record<string, readonly string[]>>
}

/** What has to be known of a series to read all there is of it. */
export interface NamedSeries {
  readonly key: SeriesKey
  readonly rollup: Rollup
}

export interface ListedSeries extends NamedSeries {
  readonly firstMs: number
  readonly lastMs: number
}
