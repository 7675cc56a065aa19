import { spawnSync } from 'node:child_process'
import { closeSync, mkdirSync, openSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { Skip } from '../ingest/skip.ts'
import { directoryBytes } from './directory-bytes.ts'
import type { PointSet } from './point-set.ts'

/** What Prometheus' own tool makes of the points as blocks. Throws `Skip` where it is not installed. */
export function prometheusBytes(directory: string, { series, startMs, stepMs }: PointSet): number {
  if (spawnSync('promtool', ['--version']).error !== undefined)
    throw new Skip('there is no promtool: `apt-get install prometheus`')
  const textPath = join(directory, 'open-metrics.txt')
  const dataPath = join(directory, 'prometheus')
  mkdirSync(dataPath)
  const fd = openSync(textPath, 'w')
  for (const [index, { name, values }] of series.entries()) {
    // One metric and a label: names of metrics have no dots there.
    if (index === 0) writeSync(fd, '# TYPE points gauge\n')
    let text = ''
    for (const [step, value] of values.entries())
      if (!Number.isNaN(value))
        text += `points{name="${name}"} ${value} ${(startMs + step * stepMs) / 1_000}\n`
    writeSync(fd, text)
  }
  writeSync(fd, '# EOF\n')
  closeSync(fd)
  const { status, stderr } = spawnSync(
    'promtool',
    ['tsdb', 'create-blocks-from', 'openmetrics', textPath, dataPath, '--quiet', '--max-block-duration=744h'],
    { encoding: 'utf8' },
  )
  if (status !== 0) throw new Error(`promtool makes no blocks: ${stderr}`)
  return directoryBytes(dataPath)
}
