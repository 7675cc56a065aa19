// A process of its own that sends datagrams until it is told by its input's end to stop, and says how many there were.
//   node flood-sender.ts PORT KIND DATAGRAMS_PER_SECOND SECONDS
import { createSocket } from 'node:dgram'
import { floodDatagram, type FloodKind } from './flood.ts'

const [port = 0, perSecond = 0, seconds = 0] = [process.argv[2], process.argv[4], process.argv[5]].map(Number)
const kind = process.argv[3] as FloodKind
/** Sent and not yet taken by the kernel. */
const MOST_UNDER_WAY = 64

const socket = createSocket('udp4')
socket.connect(port, '127.0.0.1', () => {
  const startMs = performance.now()
  const endMs = startMs + seconds * 1_000
  let sent = 0
  let underWay = 0
  const sendMore = (): void => {
    const nowMs = performance.now()
    if (nowMs >= endMs) {
      if (underWay > 0) return
      socket.close()
      process.stdout.write(`${sent}\n`)
      return
    }
    const allowed = perSecond === 0 ? Number.POSITIVE_INFINITY : ((nowMs - startMs) / 1_000) * perSecond
    while (underWay < MOST_UNDER_WAY && sent < allowed) {
      underWay++
      socket.send(floodDatagram(kind, sent++), (error) => {
        if (error !== null) throw error
        underWay--
        if (underWay === 0) setTimeout(sendMore, allowed === Number.POSITIVE_INFINITY ? 0 : 1)
      })
    }
    if (underWay === 0) setTimeout(sendMore, 1)
  }
  sendMore()
})
