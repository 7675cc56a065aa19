import { Agent, get } from 'node:http'
import { sleep } from './child.ts'

const PERIOD_MS = 5

/**
 * Asks `url` every 5 ms, whether it has answered before or not, for as long as `action` takes. Resolves to how long each answer
 * took, from when it was due to be asked for.
 */
export async function probeDuring(url: string, action: () => Promise<void>): Promise<number[]> {
  const agent = new Agent({ keepAlive: true, maxSockets: 256 })
  const answers: Promise<number>[] = []
  let isOver = false
  const acting = Promise.allSettled([action()]).finally(() => (isOver = true))
  for (let dueMs = performance.now(); !isOver; dueMs += PERIOD_MS) {
    // Timers may be early, by less than a millisecond.
    answers.push(answerMs(url, agent, Math.min(dueMs, performance.now())))
    await sleep(Math.max(0, dueMs + PERIOD_MS - performance.now()))
  }
  const [outcome] = await acting
  const latenciesMs = await Promise.all(answers)
  agent.destroy()
  if (outcome.status === 'rejected') throw outcome.reason
  return latenciesMs
}

function answerMs(url: string, agent: Agent, startMs: number): Promise<number> {
  return new Promise((resolve, reject) => {
    get(url, { agent }, (response) => {
      response.resume().on('end', () => {
        if (response.statusCode === 200) resolve(performance.now() - startMs)
        else reject(new Error(`${response.statusCode} from ${url}`))
      })
    }).on('error', reject)
  })
}
