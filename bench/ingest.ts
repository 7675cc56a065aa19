// What receiving costs, from outside: whole processes under load, in the kernel's accounting of CPU time and memory, against a
// program that only receives and against etsy/statsd. Run with `npm run bench:ingest`; docs/guide/performance.md says how to read
// it. JSON on stdout, progress on stderr. It ends with 1 where an answer is wrong, never because one is slow.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Bench } from './ingest/bench.ts'
import { etsyNode } from './ingest/etsy.ts'
import { describeMachine } from './ingest/machine.ts'
import { readOptions } from './ingest/options.ts'
import { ROWS } from './ingest/rows/index.ts'
import { runRows } from './ingest/run-rows.ts'

const USAGE_EXIT_CODE = 64

const options = readOptions(process.argv.slice(2))
const unknown = options.only.filter((name) => !ROWS.some((row) => row.name === name))
if (options.isHelp || unknown.length > 0) {
  if (unknown.length > 0) console.error(`There is no row "${unknown.join('", "')}".`)
  console.error(
    'npm run bench:ingest -- [--only ROW,ROW] [--quick] [--rounds N] [--dgram-flags "FLAGS"]\n\nRows:',
  )
  for (const { name, about } of ROWS) console.error(`  ${name.padEnd(16)} ${about}`)
  process.exitCode = options.isHelp ? 0 : USAGE_EXIT_CODE
} else if (process.platform === 'linux') {
  await main()
} else {
  console.error(`It reads /proc, so it needs Linux; this is ${process.platform}.`)
}

async function main(): Promise<void> {
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1))
  const directory = mkdtempSync(join(tmpdir(), 'kymo-bench-'))
  process.once('exit', () => rmSync(directory, { recursive: true, force: true }))
  const machine = describeMachine()
  const bench = new Bench(options, directory)
  const rows = ROWS.filter(({ name }) => options.only.length === 0 || options.only.includes(name))
  const reports = await runRows(rows, bench)
  const setup = {
    rounds: options.rounds,
    loadSeconds: options.loadSeconds,
    sender: `bench/rods/udp-blast.c, ${bench.rods.compiler}`,
    senderPinnedToCpu: bench.sender.cpu ?? null,
    serversPinnedToCpu: null,
    etsyNode: etsyNode().version,
  }
  console.log(JSON.stringify({ machine, setup, rows: reports }, null, 2))
  if (reports.some(({ verdict }) => verdict === 'wrong')) process.exitCode = 1
}
