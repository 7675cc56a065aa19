// What storing costs, from outside: whole processes, the same points in the same run, with VictoriaMetrics, Prometheus and whisper
// beside Kymo where they are installed. Run with `npm run bench:store`; docs/guide/performance.md says how to read it. JSON on
// stdout, progress on stderr. It ends with 1 where an answer is wrong, never because one is slow.
import { runBench } from './ingest/run-bench.ts'
import { ROWS } from './store/rows/index.ts'

await runBench({ name: 'store', rows: ROWS })
