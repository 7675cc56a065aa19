import { isatty } from 'node:tty'
import { runCommandLine } from './cli/index.ts'
import { sleep, systemClock } from './lib/clock.ts'

const LONGEST_LAST_WORDS_MS = 1_000

// A reader that goes away (`kymo --stdout | head`) is told to whoever writes; unheard, it would end Kymo with a trace.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {})

const code = await runCommandLine({
  argv: process.argv.slice(2),
  env: process.env,
  cwd: process.cwd(),
  hasTerminal: isatty(0) || isatty(2),
  stdout: process.stdout,
  stderr: process.stderr,
})

// What was written must be out before the end: a pipe takes it in its own time, but a reader that sleeps is not waited for.
const written = [process.stdout, process.stderr].map(
  (stream) => new Promise((resolve) => stream.write('', resolve)),
)
await Promise.race([Promise.all(written), sleep(systemClock, LONGEST_LAST_WORDS_MS)])
process.exit(code)
