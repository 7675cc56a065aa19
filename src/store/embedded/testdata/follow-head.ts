// A thread that reads a head while it is written, until all of it is there; ends with an error at the first wrong point.
import { parentPort, workerData, type MessagePort } from 'node:worker_threads'
import { AnnouncedHeads } from '../head/announced-heads.ts'

const { port, seriesCount, lastPoint } = workerData as {
  port: MessagePort
  seriesCount: number
  lastPoint: number
}
const heads = new AnnouncedHeads(port)
let looks = 0
for (let complete = 0; complete < seriesCount; looks++) {
  complete = 0
  for (const head of heads.current()) {
    let least = 0
    for (let index = seriesCount - 1; index >= 0; index--) {
      const slot = head.find(`series.${index}`)
      const { points, timesMs, values } = slot < 0 ? { points: 0, timesMs: [], values: [] } : head.series(slot)
      // They are written in ascending order and read in descending order: none may have less than the one before.
      if (points < least) throw new Error(`series ${index} has ${points} points, one behind it had ${least}`)
      least = points
      for (let point = 0; point < points; point++) {
        const wanted = point % 7 === 0 ? slot : Math.sqrt(point * slot)
        if (timesMs[point] !== point * 10_000 || values[point] !== wanted)
          throw new Error(`point ${point} of series ${index} is ${timesMs[point]}, ${values[point]}`)
      }
      if (points === lastPoint) complete++
    }
  }
}
heads.close()
parentPort?.postMessage({ looks })
