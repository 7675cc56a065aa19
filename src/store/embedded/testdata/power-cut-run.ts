// A store whose power is cut again and again.
import { join } from 'node:path'
import { Random } from '../../../../test/harness/random.ts'
import type { OpenStore } from '../../open-store.ts'
import { LogFixture, packerHere } from './log-fixture.ts'
import { PowerCutFiles } from './power-cut-files.ts'
import { noteUnlessTold, RetryingWriter } from './retrying-writer.ts'
import { StoreModel } from './store-model.ts'

/** Small, so that a dozen steps fill segments, seal and merge them. */
const SEGMENT_BYTES = 1_024

export interface PowerCutRun {
  readonly seed: number
  readonly cuts: number
  readonly syncFailures: number
}

export interface PowerCutReport {
  readonly complaints: readonly string[]
  readonly checkedCells: number
  readonly failedSyncs: number
}

export async function runWithPowerCuts({ seed, cuts, syncFailures }: PowerCutRun): Promise<PowerCutReport> {
  const random = new Random(seed)
  const fixture = new LogFixture()
  const model = new StoreModel()
  const complaints: string[] = []
  let step = 0
  let failedSyncs = 0
  try {
    // The directories are there, and safe.
    await (await fixture.open()).close()
    const directories = ['log', 'blocks'].map((name) => join(fixture.path, name))
    for (let cut = 0; cut < cuts; cut++) {
      const disk = new PowerCutFiles({ directories, random, syncFailures })
      const writer = new RetryingWriter(model, complaints)
      try {
        const store = await fixture.open({
          files: disk,
          packer: packerHere(disk),
          segmentBytes: SEGMENT_BYTES,
        })
        complaints.push(...(await model.settle(store.engine)))
        for (const end = step + random.below(15); step < end; step++) await writer.write(store, seed, step)
        // In the middle of something.
        if (random.chance(0.5)) void writer.write(store, seed, step++)
        else if (random.chance(0.3)) await store.close()
        for (let turn = random.below(4); turn > 0; turn--) await new Promise((resolve) => setImmediate(resolve))
        disk.cutPower()
        await forget(store)
      } catch (error) {
        noteUnlessTold(error, ['data-unopenable', 'store-write-failed'], complaints)
        disk.cutPower()
      }
      failedSyncs += disk.failedSyncs
    }
    const store = await fixture.open()
    complaints.push(...(await model.settle(store.engine)))
    await store.close()
    return { complaints, checkedCells: model.checkedCells, failedSyncs }
  } finally {
    fixture.remove()
  }
}

/** Lets go of the lock and of what is open; there is no power to write anything. */
async function forget(store: OpenStore): Promise<void> {
  await store.close().catch(() => {})
}
