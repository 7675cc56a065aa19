// A process that has a data directory open until it is killed. Says `held`, or the error's code.
import { openDataDirectory } from '../data-directory.ts'

try {
  const directory = openDataDirectory(process.argv[2] ?? '')
  process.stdout.write('held\n')
  // Held by what is waited for: a lock that nothing refers to is let go of by the garbage collector.
  setInterval(() => directory.path, 60_000)
} catch (error) {
  process.stdout.write(`${(error as { code: string }).code}\n`)
}
