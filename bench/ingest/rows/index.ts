import type { Row } from '../row.ts'
import { manyNames } from './many-names.ts'
import { oneLine } from './one-line.ts'
import { thirtyLines } from './thirty-lines.ts'

/** In the order they run in. */
export const ROWS: readonly Row[] = [oneLine, thirtyLines, manyNames]
