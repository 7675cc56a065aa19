// Does what `how` says, when it is loaded or with the first point of each flush whose name says so.
import { setTimeout as sleep } from 'node:timers/promises'

export async function create({ onLoad } = {}, context) {
  if (onLoad !== undefined) await does(onLoad)
  return {
    async flush({ series }) {
      const { metricKey: key } = series[0]
      if (key === 'refuse-one') {
        context.deadLetters.add('too long', [{ key }, () => {}], 'sink-unfit')
        return { refusedPoints: 1 }
      }
      await does(key)
    },
  }
}

async function does(how) {
  switch (how) {
    case 'throw':
      throw new Error('no')
    case 'throw-nothing':
      throw undefined
    case 'refuse':
      throw Object.assign(new Error('never'), { isRetryable: false })
    case 'later':
      throw Object.assign(new Error('later'), { isRetryable: true, retryAfterMs: 1_234 })
    case 'loop':
      for (;;);
    case 'hang':
      await sleep(100_000_000)
      break
    case 'exit':
      process.exit(3)
      break
    case 'reject-aside':
      void Promise.reject(new Error('nobody listens'))
      await sleep(100_000_000)
      break
    case 'leak': {
      const kept = []
      for (;;) kept.push(Array.from({ length: 1_000 }, () => ({})))
    }
  }
}
