// Behind every `npm run …`: sets up what is missing, then does the task with the right Node.
import { spawn } from 'node:child_process'
import { constants } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { attempt, ensureDependencies, ensureNode, ensureRivals, ensureWeb, root, run } from './setup.mjs'

const [task, ...args] = process.argv.slice(2)
const node = ensureNode()
ensureDependencies(node)

const vitest = [join('node_modules', 'vitest', 'vitest.mjs'), 'run', ...reporters()]
const bin = (name) => join('node_modules', name)

const tasks = {
  start() {
    ensureWeb(node)
    const entry = join(root, 'bin', 'kymo.js')
    if (node === process.execPath) {
      // No process in between: signals and exit codes are Kymo's own.
      stopWithParent(() => process.kill(process.pid, 'SIGTERM'))
      process.argv = [node, entry, ...args]
      return import(pathToFileURL(entry).href)
    }
    const child = spawn(node, [entry, ...args], { stdio: 'inherit' })
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal))
    stopWithParent(() => child.kill('SIGTERM'))
    child.on('exit', (code, signal) => {
      process.exitCode = code ?? (signal === null ? 1 : 128 + (constants.signals[signal] ?? 0))
    })
  },
  test() {
    ensureWeb(node)
    const isPartial = args.length > 0
    const failures = isPartial
      ? 0
      : attempt(node, ['scripts/run.mjs', 'lint']) + attempt(node, ['scripts/run.mjs', 'types'])
    const tests = attempt(node, [...vitest, ...args])
    process.exitCode = failures + tests === 0 ? 0 : 1
  },
  'test-full'() {
    ensureWeb(node)
    ensureRivals(node)
    run(node, [...vitest, ...args], { KYMO_TEST_FULL: '1' })
  },
  'test-crash'() {
    run(node, [join('scripts', 'crash.ts')])
  },
  lint() {
    const layout = attempt(node, [bin('@biomejs/biome/bin/biome'), 'format', '.'])
    const hazards = attempt(node, [bin('oxlint/bin/oxlint'), '--type-aware', '--deny-warnings'])
    process.exitCode = layout + hazards === 0 ? 0 : 1
  },
  types() {
    const server = attempt(node, [bin('typescript/bin/tsc'), '-p', '.'])
    const web = attempt(node, [bin('typescript/bin/tsc'), '-p', 'web'])
    process.exitCode = server + web === 0 ? 0 : 1
  },
  format() {
    run(node, [bin('@biomejs/biome/bin/biome'), 'format', '--write', '.'])
  },
  generate() {
    run(node, [join('scripts', 'generate.ts'), ...args])
  },
  screenshots() {
    ensureWeb(node)
    run(node, [join('scripts', 'screenshots.ts')])
  },
  build() {
    run(node, [join('scripts', 'build-server.mjs')])
    // What those who write sinks of their own are checked against.
    run(node, [bin('typescript/bin/tsc'), '-p', 'tsconfig.types.json'])
    ensureWeb(node)
  },
  bench() {
    const [name, ...rest] = args
    if (name === 'ingest') ensureRivals(node)
    if (name === 'page') ensureWeb(node)
    run(node, [join('bench', `${name}.ts`), ...rest])
  },
}

if (tasks[task] === undefined) {
  process.stderr.write(`There is no task "${task}". Tasks: ${Object.keys(tasks).join(', ')}.\n`)
  process.exitCode = 64
} else {
  await tasks[task]()
}

/**
 * npm passes a signal to the shell it runs us in, and the shell dies of it without passing it on. So the end of the
 * shell is taken for the signal.
 */
function stopWithParent(stop) {
  const parent = process.ppid
  const watch = setInterval(() => {
    if (process.ppid === parent) return
    clearInterval(watch)
    stop()
  }, 250)
  watch.unref()
}

/** With KYMO_TEST_REPORT, the results also go to that file, for .ci/run to count. */
function reporters() {
  const file = process.env.KYMO_TEST_REPORT
  return file === undefined ? [] : ['--reporter=default', '--reporter=json', `--outputFile.json=${file}`]
}
