import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { defineConfig } from 'vitest/config'

// `npm test` runs the quick suite: everything but test/full, which wants a browser, outside servers or minutes.
const isFull = process.env.KYMO_TEST_FULL === '1'

// A Kymo that is started from its sources compiles some hundred files in each of its threads: more than half of what most tests of whole
// processes cost. What V8 made of a file is kept for the next; what it covers of such code is less exact.
if (!process.argv.some((argument) => argument.startsWith('--coverage'))) {
  process.env['NODE_COMPILE_CACHE'] ??= join(import.meta.dirname, 'node_modules', '.cache', 'compiled')
}

/** Functions of what they are given, for the most part: their files share threads, for a thread takes longer to begin than most of them to run. */
const SHARING = [
  'src/{admission,aggregator,config,formats,graph,lib,model,query,telemetry}/**/*.test.ts',
  'src/api/encode/*.test.ts',
  'src/store/{catalog,memory,rules}/**/*.test.ts',
  'web/**/*.test.ts',
]
const ALL = ['src/**/*.test.ts', 'test/*.test.ts', 'web/**/*.test.ts', 'bench/**/*.test.ts']

const projects = [
  {
    extends: true as const,
    test: { name: 'apart', include: ALL, exclude: [...SHARING, '**/node_modules/**'] },
  },
  { extends: true as const, test: { name: 'sharing', include: SHARING, isolate: false } },
]

export default defineConfig({
  test: {
    ...(isFull ? { include: ['test/full/**/*.test.ts'] } : { projects }),
    // Far more than any takes: on a machine that others use too, a process can take seconds to start.
    testTimeout: isFull ? 120_000 : 60_000,
    hookTimeout: isFull ? 120_000 : 60_000,
    fileParallelism: !isFull,
    // A machine that others use too may be away for seconds. What fails once and not again is shown as tried twice.
    retry: process.env.CI === undefined ? 0 : 1,
    // Whole processes spend most of their time waiting for each other.
    maxWorkers: availableParallelism() + 2,
    coverage: {
      provider: 'v8',
      include: ['src/**/*.ts'],
      exclude: ['**/*.test.ts', '**/*.conformance.ts', 'src/workers/**'],
      reporter: ['text-summary', 'html'],
    },
  },
})
