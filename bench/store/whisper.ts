import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { Skip } from '../ingest/skip.ts'
import { directoryBytes } from './directory-bytes.ts'
import type { PointSet } from './point-set.ts'

/**
 * What whisper takes for these points: a file per series with one archive that just holds them. Every point of it takes as much,
 * so one series stands for all.
 */
export function whisperBytes(directory: string, { series, stepMs }: PointSet): number {
  const steps = series[0]?.values.length ?? 0
  const { error, status, stderr } = spawnSync(
    'whisper-create',
    [join(directory, 'one.wsp'), `${stepMs / 1_000}:${steps}`],
    { encoding: 'utf8' },
  )
  if (error !== undefined) throw new Skip('there is no whisper-create: `apt-get install python3-whisper`')
  if (status !== 0) throw new Error(`whisper-create fails: ${stderr}`)
  return directoryBytes(directory) * series.length
}
