import type { Row } from '../row.ts'
import { answers } from './answers.ts'
import { counterMemory } from './counter-memory.ts'
import { dgram } from './dgram.ts'
import { flush } from './flush.ts'
import { manyNames } from './many-names.ts'
import { memory } from './memory.ts'
import { oneLine } from './one-line.ts'
import { startUp } from './start-up.ts'
import { tags } from './tags.ts'
import { thirtyLines } from './thirty-lines.ts'

/** In the order they run in. */
export const ROWS: readonly Row[] = [
  answers,
  oneLine,
  thirtyLines,
  manyNames,
  dgram,
  tags,
  counterMemory,
  startUp,
  memory,
  flush,
]
