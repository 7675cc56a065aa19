import { spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { freePort } from '../../test/harness/free-port.ts'
import { sleep, startChild } from '../ingest/child.ts'
import { Skip } from '../ingest/skip.ts'
import type { PointSet } from '../store/point-set.ts'
import { prometheusBytes } from '../store/prometheus.ts'

const READY_DEADLINE_MS = 30_000

/** Prometheus over blocks that its own tool made of the points: one metric, the name as a label. */
export async function startPrometheus(directory: string, set: PointSet) {
  if (spawnSync('prometheus', ['--version']).error !== undefined)
    throw new Skip('there is no prometheus: `apt-get install prometheus`')
  prometheusBytes(directory, set)
  const configPath = join(directory, 'prometheus.yml')
  writeFileSync(configPath, 'scrape_configs: []\n')
  const port = await freePort()
  const child = startChild('prometheus', [
    `--config.file=${configPath}`,
    `--storage.tsdb.path=${join(directory, 'prometheus')}`,
    '--storage.tsdb.retention.time=10y',
    `--web.listen-address=127.0.0.1:${port}`,
    '--log.level=error',
  ])
  const url = (path: string): string => `http://127.0.0.1:${port}${path}`
  const deadline = performance.now() + READY_DEADLINE_MS
  for (;;) {
    try {
      if ((await fetch(url('/-/ready'))).ok) break
    } catch {
      // It is starting.
    }
    if (performance.now() > deadline) throw new Error(`prometheus does not start: ${child.stderr()}`)
    await sleep(50)
  }
  return { url, [Symbol.asyncDispose]: () => child.stop('SIGKILL') }
}
