// One measured load: so many datagrams are sent, and what the server did with them is held against what the kernel saw.
import { sleep } from './child.ts'
import { cpuNsBetween, readCpu } from './process-cpu.ts'
import type { Sender, Sending } from './sender.ts'
import type { Server, ServerCounts } from './server.ts'
import { readUdpSockets } from './udp-sockets.ts'
import { expectEqual, WrongAnswer } from './wrong-answer.ts'

export interface Load {
  readonly sentDatagrams: number
  readonly receivedDatagrams: number
  /** By the kernel, because the receive buffer was full. */
  readonly droppedDatagrams: number
  readonly seconds: number
  /** From the first datagram sent to the last one read, flushes and all. */
  readonly cpuNs: number
  readonly cpuNsPerDatagram: number
  readonly linesPerCpuSecond: number
  readonly receivedPerSecond: number
  readonly lostShare: number
  /** Of a server that tells: what it neither received nor counted as dropped. */
  readonly unaccountedDatagrams: number | undefined
  /** Intervals that ended meanwhile, of a server that tells. */
  readonly flushes: number | undefined
}

const DRAIN_DEADLINE_MS = 60_000
const COUNTS_DEADLINE_MS = 5_000
/** What was read last is still being worked on when the queue is empty. */
const SETTLING_MS = 20

/** Throws `WrongAnswer` where the server's own numbers do not add up to what was sent. */
export async function runLoad(server: Server, sender: Sender, sending: Sending): Promise<Load> {
  const countsBefore = await server.counts?.()
  const socketsBefore = readUdpSockets(server.port)
  if (!socketsBefore.isBound) throw new Error(`${server.name} is not bound to port ${server.port}`)
  const cpuBefore = readCpu(server.pid)
  const sent = await sender.send(server.port, sending)
  await drained(server)
  const cpuNs = cpuNsBetween(cpuBefore, readCpu(server.pid))
  const droppedDatagrams = readUdpSockets(server.port).droppedDatagrams - socketsBefore.droppedDatagrams
  const receivedDatagrams = sent.datagrams - droppedDatagrams
  const lines = receivedDatagrams * sending.payload.linesPerDatagram
  const load = {
    sentDatagrams: sent.datagrams,
    receivedDatagrams,
    droppedDatagrams,
    seconds: sent.seconds,
    cpuNs,
  }
  const fresh = countsBefore && (await checkedCounts(server, countsBefore, load, lines))
  if (receivedDatagrams === 0) throw new WrongAnswer(`${server.name} received nothing`)
  return {
    ...load,
    cpuNsPerDatagram: cpuNs / receivedDatagrams,
    linesPerCpuSecond: (lines / cpuNs) * 1e9,
    receivedPerSecond: receivedDatagrams / sent.seconds,
    lostShare: droppedDatagrams / sent.datagrams,
    unaccountedDatagrams: fresh && sent.datagrams - fresh.receivedDatagrams - fresh.droppedDatagrams,
    flushes: fresh?.flushes,
  }
}

async function drained(server: Server): Promise<void> {
  const deadline = performance.now() + DRAIN_DEADLINE_MS
  while (readUdpSockets(server.port).queuedBytes > 0) {
    if (performance.now() > deadline) throw new WrongAnswer(`${server.name} does not read what it was sent`)
    await sleep(5)
  }
  await sleep(SETTLING_MS)
}

/** Sent = received + dropped, and each line of what was received was accepted: by the server's own numbers, exactly. */
async function checkedCounts(
  server: Server,
  before: ServerCounts,
  load: Pick<Load, 'sentDatagrams' | 'receivedDatagrams' | 'droppedDatagrams'>,
  lines: number,
): Promise<ServerCounts> {
  const deadline = performance.now() + COUNTS_DEADLINE_MS
  for (;;) {
    const fresh = difference(before, await server.counts?.())
    const known = fresh.receivedDatagrams + fresh.droppedDatagrams
    // It may look for what the kernel dropped only once in a while.
    if (known < load.sentDatagrams && performance.now() < deadline) {
      await sleep(100)
      continue
    }
    expectEqual(`${server.name}: datagrams received + dropped`, known, load.sentDatagrams)
    expectEqual(`${server.name}: datagrams dropped`, fresh.droppedDatagrams, load.droppedDatagrams)
    expectEqual(`${server.name}: lines accepted`, fresh.acceptedLines, lines)
    expectEqual(`${server.name}: lines rejected`, fresh.rejectedLines, 0)
    return fresh
  }
}

function difference(before: ServerCounts, after: ServerCounts | undefined): ServerCounts {
  if (after === undefined) throw new Error('BUG: a server that counts stopped to')
  return {
    receivedDatagrams: after.receivedDatagrams - before.receivedDatagrams,
    droppedDatagrams: after.droppedDatagrams - before.droppedDatagrams,
    acceptedLines: after.acceptedLines - before.acceptedLines,
    rejectedLines: after.rejectedLines - before.rejectedLines,
    flushes: after.flushes - before.flushes,
  }
}
