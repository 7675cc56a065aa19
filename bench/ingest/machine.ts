import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { availableParallelism, cpus, loadavg, release, totalmem } from 'node:os'
import { root } from './kymo-build.ts'

/** What the numbers hold for. */
export function describeMachine(): Record<string, unknown> {
  return {
    cpu: cpus()[0]?.model,
    cpus: availableParallelism(),
    memoryBytes: totalmem(),
    kernel: release(),
    node: process.version,
    rmemMaxBytes: Number(readFileSync('/proc/sys/net/core/rmem_max', 'latin1')),
    loadAverageAtStart: loadavg()[0],
    commit: describeCommit(),
  }
}

/** undefined outside of a clone. */
function describeCommit(): string | undefined {
  const { stdout } = spawnSync('git', ['describe', '--always', '--dirty'], { cwd: root, encoding: 'utf8' })
  return stdout?.trim() || undefined
}
