import { sleep } from './child.ts'
import { residentBytes } from './process-memory.ts'
import { type Spread, spreadOf } from './spread.ts'

const SAMPLE_MS = 250

/** Resident bytes over so many seconds. */
export async function watchMemory(pid: number, seconds: number): Promise<Spread> {
  const samples: number[] = []
  for (const end = performance.now() + seconds * 1_000; performance.now() < end; ) {
    samples.push(residentBytes(pid))
    await sleep(SAMPLE_MS)
  }
  return spreadOf(samples)
}
