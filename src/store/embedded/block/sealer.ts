import { Worker } from 'node:worker_threads'
import type { SealOutcome, SegmentToSeal } from './seal-segment.ts'

/** What turns segments into blocks, away from the thread that writes. One job at a time. */
export interface Sealer {
  /** Rejects with what the system said. */
  seal(segment: SegmentToSeal): Promise<SealOutcome>
}

export type SealAnswer = { readonly outcome: SealOutcome } | { readonly error: unknown }

/** Seals in a thread, which is there as long as there is work: segments become full once in minutes or hours. */
export class ThreadSealer implements Sealer {
  async seal(segment: SegmentToSeal): Promise<SealOutcome> {
    const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js'
    const worker = new Worker(new URL(`./sealer-thread.${extension}`, import.meta.url), {
      workerData: segment,
    })
    try {
      return await answerOf(worker)
    } finally {
      await worker.terminate()
    }
  }
}

function answerOf(worker: Worker): Promise<SealOutcome> {
  return new Promise((resolve, reject) => {
    worker.once('message', (answer: SealAnswer) => {
      if ('outcome' in answer) resolve(answer.outcome)
      else reject(answer.error)
    })
    worker.once('error', reject)
    worker.once('exit', () => reject(new Error('the thread that packs the log has ended')))
  })
}
