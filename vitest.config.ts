import { availableParallelism } from 'node:os'
import { defineConfig } from 'vitest/config'

// `npm test` runs the quick suite: everything but test/full, which wants a browser, outside servers or minutes.
const isFull = process.env.KYMO_TEST_FULL === '1'

export default defineConfig({
  test: {
    include: isFull
      ? ['test/full/**/*.test.ts']
      : ['src/**/*.test.ts', 'test/*.test.ts', 'web/**/*.test.ts', 'bench/**/*.test.ts'],
    testTimeout: isFull ? 120_000 : 20_000,
    hookTimeout: isFull ? 120_000 : 20_000,
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
