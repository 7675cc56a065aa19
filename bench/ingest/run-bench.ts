import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Bench } from './bench.ts'
import { describeMachine } from './machine.ts'
import { type Options, readOptions } from './options.ts'
import type { Row } from './row.ts'
import { runRows } from './run-rows.ts'

export interface BenchDescription {
  /** As in `npm run bench:NAME`. */
  readonly name: string
  readonly rows: readonly Row[]
  /** More flags than those that all have. */
  readonly flags?: string
}

const USAGE_EXIT_CODE = 64

/** Runs the rows that the command line names; JSON on stdout. The exit code is 1 where an answer is wrong. */
export async function runBench(description: BenchDescription): Promise<void> {
  const options = optionsOrUsage(description)
  if (options?.isHelp === true) console.log(helpText(description))
  else if (options !== undefined && process.platform === 'linux') await measure(options, description)
  else if (options !== undefined)
    console.error(`This benchmark reads /proc, so it needs Linux; this is ${process.platform}.`)
}

async function measure(options: Options, { rows }: BenchDescription): Promise<void> {
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1))
  const directory = mkdtempSync(join(tmpdir(), 'kymo-bench-'))
  process.once('exit', () => rmSync(directory, { recursive: true, force: true }))
  const machine = describeMachine()
  const bench = new Bench(options, directory)
  const reports = await runRows(
    rows.filter(({ name }) => options.only.length === 0 || options.only.includes(name)),
    bench,
  )
  console.log(JSON.stringify({ machine, setup: bench.describeSetup(), rows: reports }, null, 2))
  if (reports.some(({ verdict }) => verdict === 'wrong' || verdict === 'failed')) process.exitCode = 1
}

/** undefined, and usage on stderr, where they cannot be read. */
function optionsOrUsage(description: BenchDescription): Options | undefined {
  const names = description.rows.map(({ name }) => name)
  try {
    return readOptions(process.argv.slice(2), names)
  } catch (error) {
    if (!(error instanceof TypeError)) throw error
    console.error(`${error.message}\n\n${helpText(description)}`)
    process.exitCode = USAGE_EXIT_CODE
    return undefined
  }
}

function helpText({ name, rows, flags = '' }: BenchDescription): string {
  return [
    `npm run bench:${name} -- [--only ROW,ROW] [--quick] [--rounds N]${flags}`,
    '',
    ...rows.map((row) => `  ${row.name.padEnd(16)}${row.about}`),
  ].join('\n')
}
