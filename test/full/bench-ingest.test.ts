import { spawnSync } from 'node:child_process'
import { join, resolve } from 'node:path'
import { expect, test } from 'vitest'

// The benchmark itself takes minutes and a quiet machine. That it runs, and that its answers are right, can be told in less.

const root = resolve(import.meta.dirname, '../..')
const hasCompiler = spawnSync('cc', ['--version']).status === 0

test.runIf(process.platform === 'linux' && hasCompiler)(
  'the ingest benchmark measures, and Kymo answers right',
  () => {
    const only = ['--quick', '--only', 'answers,one-line']
    const { status, stdout, stderr } = spawnSync(process.execPath, [join(root, 'bench/ingest.ts'), ...only], {
      encoding: 'utf8',
    })
    expect({ status, stderr }).toMatchObject({ status: 0 })
    const { rows } = JSON.parse(stdout) as { rows: { row: string; verdict: string; figures: Figures }[] }
    expect(rows.map(({ row }) => row)).toEqual(['answers', 'one-line'])
    expect(rows[0]).toMatchObject({ verdict: 'ok', figures: { checkedMetrics: 30_000 } })
    expect(['ok', 'miss']).toContain(rows[1]?.verdict)
    expect(rows[1]?.figures['timesTheFloor']?.median).toBeGreaterThan(0.5)
  },
)

type Figures = Readonly<Record<string, { readonly median: number }>>
