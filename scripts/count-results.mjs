// Adds up vitest's JSON reports: `count-results.mjs SUITES_FAILED REPORT...`. A suite that failed without a failed
// test (lint, types, a report that is missing) counts as one failure, so that nothing fails in silence.
import { readFileSync } from 'node:fs'

const [suitesFailed, ...paths] = process.argv.slice(2)
let passed = 0
let failed = 0
let skipped = 0
for (const path of paths) {
  try {
    const report = JSON.parse(readFileSync(path, 'utf8'))
    passed += report.numPassedTests
    failed += report.numFailedTests
    skipped += report.numPendingTests + report.numTodoTests
    if (!report.success && report.numFailedTests === 0) failed += 1
  } catch {
    failed += 1
  }
}
if (suitesFailed !== '0' && failed === 0) failed = 1
process.stdout.write(`${passed} passed, ${failed} failed, ${skipped} skipped\n`)
process.exitCode = failed === 0 ? 0 : 1
