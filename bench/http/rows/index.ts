import type { Row } from '../../ingest/row.ts'
import { find } from './find.ts'
import { findBeside } from './find-beside.ts'
import { oneSeries } from './one-series.ts'
import { openLoop } from './open-loop.ts'
import { sumOfMany } from './sum-of-many.ts'
import { twentyRenders } from './twenty-renders.ts'

/** In the order they run in. */
export const ROWS: readonly Row[] = [oneSeries, sumOfMany, twentyRenders, find, findBeside, openLoop]
