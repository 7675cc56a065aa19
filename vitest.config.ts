import { globSync, readFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { defineConfig } from 'vitest/config'

// `npm test` runs the quick suite: everything but test/full, which wants a browser, outside servers or minutes.
const isFull = process.env['KYMO_TEST_FULL'] === '1'

// A Kymo that is started from its sources compiles some hundred files in each of its threads: more than half of what most tests of whole
// processes cost. What V8 made of a file is kept for the next; what it covers of such code is less exact.
if (!process.argv.some((argument) => argument.startsWith('--coverage'))) {
  process.env['NODE_COMPILE_CACHE'] ??= join(import.meta.dirname, 'node_modules', '.cache', 'compiled')
}

/** They ask what the process as a whole holds or reads, or start many threads in it. */
const APART = [
  'test/*.test.ts',
  'src/api/decode-body.test.ts',
  'src/listeners/length-framer.test.ts',
  'src/store/embedded/**/*.test.ts',
]
/** The files of all others share processes: one takes longer to begin, and to load what most of them load, than most of them to run. */
const SHARING = ['src/**/*.test.ts', 'web/**/*.test.ts', 'bench/**/*.test.ts']

const quick = [
  { extends: true as const, test: { name: 'apart', include: APART } },
  {
    extends: true as const,
    test: { name: 'sharing', include: SHARING, exclude: [...APART, '**/node_modules/**'], isolate: false },
  },
]

/** What asks how long something takes, what it weighs or what is lost runs alone, after everything else. */
const ALONE = [
  'bench-ingest',
  'browser*',
  'disk-full',
  'disk-reserve',
  'floods',
  'fuzz',
  'http-storm',
  'incoming',
  'large-answers',
  'million-names',
  'recovery',
  'sink-outage',
  'slow-peers',
  'store-readers',
].map((name) => `test/full/${name}.test.ts`)

const full = [
  {
    extends: true as const,
    test: { name: 'properties', include: isFull ? filesOfProperties() : [], sequence: { groupOrder: 1 } },
  },
  {
    extends: true as const,
    test: {
      name: 'beside each other',
      include: ['test/full/**/*.test.ts'],
      exclude: [...ALONE, '**/node_modules/**'],
      maxWorkers: 2,
      sequence: { groupOrder: 2 },
    },
  },
  {
    extends: true as const,
    test: { name: 'alone', include: ALONE, maxWorkers: 1, sequence: { groupOrder: 3 } },
  },
]

/** Tests that try something less often in the quick suite (test/harness/runs.ts), by themselves or by a conformance suite. */
function filesOfProperties(): string[] {
  const says = (pattern: string, text: RegExp): string[] =>
    globSync(pattern, { cwd: import.meta.dirname }).filter((path) =>
      text.test(readFileSync(join(import.meta.dirname, path), 'utf8')),
    )
  const suites = says('src/**/*.conformance.ts', /harness\/runs\.ts/).map((path) => path.replace(/.*\//, ''))
  const imports = [
    String.raw`harness\/runs`,
    ...suites.map((name) => String.raw`\/${name.replace('.ts', '')}`),
  ]
  return says('{src/**,test}/*.test.ts', new RegExp(String.raw`from '[^']*(${imports.join('|')})\.ts'`))
}

export default defineConfig({
  test: {
    projects: isFull ? full : quick,
    // Far more than any takes: on a machine that others use too, a process can take seconds to start.
    testTimeout: isFull ? 120_000 : 60_000,
    hookTimeout: isFull ? 120_000 : 60_000,
    expect: { poll: { timeout: 30_000 } },
    // A machine that others use too may be away for seconds. What fails once and not again is shown as tried twice.
    retry: process.env['CI'] === undefined ? 0 : 1,
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
