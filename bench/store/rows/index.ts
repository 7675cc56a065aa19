import type { Row } from '../../ingest/row.ts'
import { decode } from './decode.ts'
import { flood } from './flood.ts'
import { intake } from './intake.ts'
import { head } from './many-series.ts'
import { oneSeries, thousandSeries } from './reads.ts'
import { hostBytes, statsdBytes } from './space.ts'

/** In the order they run in. */
export const ROWS: readonly Row[] = [
  hostBytes,
  statsdBytes,
  intake,
  oneSeries,
  thousandSeries,
  decode,
  head,
  flood,
]
