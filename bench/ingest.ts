// What receiving costs, from outside: whole processes under load, in the kernel's accounting of CPU time and memory, against a
// program that only receives and against etsy/statsd. Run with `npm run bench:ingest`; docs/guide/performance.md says how to read
// it. JSON on stdout, progress on stderr. It ends with 1 where an answer is wrong, never because one is slow.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Bench } from './ingest/bench.ts'
import { describeMachine } from './ingest/machine.ts'
import { type Options, readOptions } from './ingest/options.ts'
import { ROWS } from './ingest/rows/index.ts'
import { runRows } from './ingest/run-rows.ts'

const USAGE_EXIT_CODE = 64

const options = optionsOrUsage()
if (options?.isHelp === true) console.log(helpText())
else if (options !== undefined && process.platform === 'linux') await measure(options)
else if (options !== undefined)
  console.error(`The ingest benchmark reads /proc, so it needs Linux; this is ${process.platform}.`)

async function measure(options: Options): Promise<void> {
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1))
  const directory = mkdtempSync(join(tmpdir(), 'kymo-bench-'))
  process.once('exit', () => rmSync(directory, { recursive: true, force: true }))
  const machine = describeMachine()
  const bench = new Bench(options, directory)
  const rows = await runRows(
    ROWS.filter(({ name }) => options.only.length === 0 || options.only.includes(name)),
    bench,
  )
  console.log(JSON.stringify({ machine, setup: bench.describeSetup(), rows }, null, 2))
  if (rows.some(({ verdict }) => verdict === 'wrong' || verdict === 'failed')) process.exitCode = 1
}

/** undefined, and usage on stderr, where they cannot be read. */
function optionsOrUsage(): Options | undefined {
  const names = ROWS.map(({ name }) => name)
  try {
    return readOptions(process.argv.slice(2), names)
  } catch (error) {
    if (!(error instanceof TypeError)) throw error
    console.error(`${error.message}\n\n${helpText()}`)
    process.exitCode = USAGE_EXIT_CODE
    return undefined
  }
}

function helpText(): string {
  return [
    'npm run bench:ingest -- [--only ROW,ROW] [--quick] [--rounds N] [--dgram-flags "FLAGS"]',
    '',
    ...ROWS.map(({ name, about }) => `  ${name.padEnd(16)}${about}`),
  ].join('\n')
}
