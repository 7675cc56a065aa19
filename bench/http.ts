// What answers cost over HTTP, from outside: whole processes, the same points in the same run, with VictoriaMetrics and Prometheus beside Kymo where
// they are installed. Run with `npm run bench:http`; docs/guide/performance.md says how to read it. JSON on stdout, progress on stderr. It ends
// with 1 where an answer is wrong, never because one is slow.
import { ROWS } from './http/rows/index.ts'
import { runBench } from './ingest/run-bench.ts'

await runBench({ name: 'http', rows: ROWS })
