import { connect, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { type ConnectionPlan, ConnectionPlanner } from './connection-plan.ts'
import type { SendJob, Sent } from './sender.ts'

const CONNECTIONS_AT_ONCE = 8
/** Now and then, where manners are bad, far more clients come in the same moment. The server takes 1,000. */
const CROWD = 200
const PLANS_BETWEEN_CROWDS = 500

export async function sendStreams(job: SendJob): Promise<Sent> {
  const planner = new ConnectionPlanner(job)
  const endMs = performance.now() + job.durationMs
  const sent = { packets: 0, bytes: 0, lines: 0, accepted: 0, uncertainLines: 0 }

  async function sendNext(): Promise<void> {
    const plan = planner.next()
    sent.packets++
    sent.lines += plan.lines
    sent.accepted += plan.accepted
    sent.uncertainLines += plan.uncertainLines
    for (const chunk of plan.chunks) sent.bytes += chunk.length
    await carryOut(plan, job.target)
  }

  async function sendOneAfterTheOther(): Promise<void> {
    while (sent.packets < job.mostPackets && performance.now() < endMs) {
      const crowd = job.isRude && sent.packets % PLANS_BETWEEN_CROWDS === 0 ? CROWD : 1
      await Promise.all(Array.from({ length: crowd }, sendNext))
    }
  }

  await Promise.all(Array.from({ length: CONNECTIONS_AT_ONCE }, sendOneAfterTheOther))
  return sent
}

/** Resolves when both sides are done with the connection. It never reads: nothing is ever written to a client. */
async function carryOut(plan: ConnectionPlan, target: number | string): Promise<void> {
  const socket = typeof target === 'number' ? connect(target, '127.0.0.1') : connect(target)
  socket.setNoDelay(true)
  // The server hangs up on some while they write.
  socket.on('error', () => undefined)
  const closed = new Promise((resolve) => socket.once('close', resolve))
  await Promise.race([new Promise((resolve) => socket.once('connect', resolve)), closed])
  for (const chunk of plan.chunks) {
    if (socket.destroyed) break
    socket.write(chunk)
    if (plan.pauseMs > 0) await sleep(plan.pauseMs)
  }
  close(socket, plan.ending, typeof target === 'string')
  socket.resume()
  await closed
}

function close(socket: Socket, ending: ConnectionPlan['ending'], isUnix: boolean): void {
  if (ending === 'end') socket.end()
  else if (ending === 'destroy' || isUnix)
    socket.destroy() // Unix sockets know no reset.
  else socket.resetAndDestroy()
}
