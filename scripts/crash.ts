// `npm run test:crash`: kills a store a thousand times and prints what became of it. KYMO_CRASH_ROUNDS says how often,
// KYMO_CRASH_SEED repeats what it is asked to do (not when it is killed).
import { renderCrashReport, runCrashRounds } from '../src/store/embedded/testdata/crash-rounds.ts'

const rounds = Number(process.env['KYMO_CRASH_ROUNDS'] ?? 1_000)
const seed = Number(process.env['KYMO_CRASH_SEED'] ?? Math.floor(Math.random() * 100_000))
process.stdout.write(`${rounds} rounds, KYMO_CRASH_SEED=${seed}\n`)
const report = await runCrashRounds({
  rounds,
  seed,
  onRound: (done) => void (done % 100 === 0 && process.stderr.write(`${done} rounds\n`)),
})
process.stdout.write(renderCrashReport(report))
process.exitCode = report.complaints.length === 0 ? 0 : 1
