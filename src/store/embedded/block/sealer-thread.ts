// A thread that makes a block of one segment, says how it went, and ends.
import { parentPort, workerData } from 'node:worker_threads'
import { nodeFileSystem } from '../file-system.ts'
import { sealSegment, type SegmentToSeal } from './seal-segment.ts'
import type { SealAnswer } from './sealer.ts'

parentPort?.postMessage(answer())

function answer(): SealAnswer {
  try {
    return { outcome: sealSegment(nodeFileSystem, workerData as SegmentToSeal) }
  } catch (error) {
    return { error }
  }
}
