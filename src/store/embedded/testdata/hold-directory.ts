// A process that has a data directory open until it is killed. Says `held`, or the error's code.
import { openDataDirectory } from '../data-directory.ts'

try {
  openDataDirectory(process.argv[2] ?? '')
  process.stdout.write('held\n')
  setInterval(() => {}, 60_000)
} catch (error) {
  process.stdout.write(`${(error as { code: string }).code}\n`)
}
