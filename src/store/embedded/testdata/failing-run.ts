// A store on a disk that fails at one call, and then the same store on a disk that does not.
import type { OpenStore } from '../../open-store.ts'
import { failingFiles, type Failure } from './failing-files.ts'
import { LogFixture, packerHere } from './log-fixture.ts'
import { noteUnlessTold, RetryingWriter } from './retrying-writer.ts'
import { StoreModel } from './store-model.ts'

const STEPS_BEFORE = 12
const STEPS_AFTER = 12
/** Small, so that a dozen steps fill segments, seal and merge them. */
const SEGMENT_BYTES = 1_024
const MOST_ATTEMPTS = 20

export interface FailingRun extends Failure {
  readonly seed: number
}

export interface FailingRunReport {
  /** The call came: with a higher number it may not. */
  readonly isHit: boolean
  /** What the store lost, changed or made up, and what it said that it should not; all is well if there is none. */
  readonly complaints: readonly string[]
}

/**
 * A store is filled, closed, opened again and filled some more, on a disk that fails meanwhile; then it is looked at on a
 * disk that does not.
 */
export async function runOnFailingDisk({ seed, ...failure }: FailingRun): Promise<FailingRunReport> {
  const fixture = new LogFixture()
  const { files, callCount } = failingFiles(failure)
  const model = new StoreModel()
  const complaints: string[] = []
  const options = { files, packer: packerHere(files), segmentBytes: SEGMENT_BYTES }
  try {
    const writer = new RetryingWriter(model, complaints)
    let step = 0
    for (const stepCount of [STEPS_BEFORE, STEPS_AFTER]) {
      const store = await openAtLast(() => fixture.open(options), complaints)
      if (store === undefined) break
      complaints.push(...(await model.settle(store.engine)))
      for (const end = step + stepCount; step < end; step++) await writer.write(store, seed, step)
      complaints.push(...(await model.differences(store.engine)))
      await close(store, complaints)
      writer.restart()
    }
    const isOver = callCount() >= failure.atCall + failure.calls
    if (isOver && writer.waiting > 0) complaints.push(`${writer.waiting} operations still wait`)

    const store = await fixture.open({ packer: packerHere(), segmentBytes: SEGMENT_BYTES })
    complaints.push(...(await model.settle(store.engine)))
    await store.close()
    return { isHit: callCount() >= failure.atCall, complaints }
  } finally {
    fixture.remove()
  }
}

/** A start that fails says why, and can be tried again. */
async function openAtLast(
  open: () => Promise<OpenStore>,
  complaints: string[],
): Promise<OpenStore | undefined> {
  for (let attempt = 0; attempt < MOST_ATTEMPTS; attempt++) {
    try {
      return await open()
    } catch (error) {
      noteUnlessTold(error, ['disk-full', 'data-unopenable', 'store-write-failed'], complaints)
    }
  }
  return undefined
}

async function close(store: OpenStore, complaints: string[]): Promise<void> {
  try {
    await store.close()
  } catch (error) {
    noteUnlessTold(error, ['store-write-failed'], complaints)
  }
}
