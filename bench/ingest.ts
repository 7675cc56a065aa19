// What receiving costs, from outside: whole processes under load, in the kernel's accounting of CPU time and memory, against a
// program that only receives and against etsy/statsd. Run with `npm run bench:ingest`; docs/guide/performance.md says how to read
// it. JSON on stdout, progress on stderr. It ends with 1 where an answer is wrong, never because one is slow.
import { ROWS } from './ingest/rows/index.ts'
import { runBench } from './ingest/run-bench.ts'

await runBench({ name: 'ingest', rows: ROWS, flags: ' [--dgram-flags "FLAGS"]' })
