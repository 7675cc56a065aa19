// A process that appends events until it is killed, and says after each append which id came back: everything up to
// there has to be found again.
import { openEventStore } from '../event-store-sqlite.ts'

const [path = ''] = process.argv.slice(2)
const store = openEventStore({ path })

for (;;) {
  const title = 'counted'
  const ids = store.append(
    [1, 2, 3].map((n) => ({ kind: 'event', timeMs: Date.now(), title, text: '', tags: [['n', String(n)]] })),
  )
  process.stdout.write(`${ids.at(-1)}\n`)
}
