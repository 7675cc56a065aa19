import type { Row } from '../../ingest/row.ts'
import { intake } from './intake.ts'
import { hostBytes, statsdBytes } from './space.ts'

/** In the order they run in. */
export const ROWS: readonly Row[] = [hostBytes, statsdBytes, intake]
