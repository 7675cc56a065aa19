// A data directory of known content, for tests that damage it.
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { FakeClock } from '../../../lib/fake-clock.ts'
import { createLineLog, type Log } from '../../../telemetry/log.ts'
import { flushOf, pointsOf, portsIn, readOne } from '../../engine.conformance.ts'
import { BASE_MS } from '../../testdata/base-time.ts'
import type { OpenStore } from '../../open-store.ts'
import { createRuleBook } from '../../rules/index.ts'
import { sealHead } from '../block/seal-head.ts'
import { mergeBlocks } from '../block/merge-blocks.ts'
import type { Packer } from '../block/packer.ts'
import { nodeFileSystem, type FileSystem } from '../file-system.ts'
import { foldTier } from '../tier/fold-tier.ts'
import { openEmbeddedStore, type EmbeddedStoreOptions } from '../open-embedded-store.ts'

/** Tests pull no plugs: without syncs they are quick. */
export const unsyncedFiles: FileSystem = {
  ...nodeFileSystem,
  fsyncSync() {},
  fdatasync: (_, done) => done(null),
}

/** Leaves segments and blocks as they are, for tests of these. */
export const noPacker: Packer = {
  seal: async () => ({ kind: 'kept' }),
  merge: async () => ({ kind: 'kept' }),
  fold: async () => ({}),
}

/** Makes blocks in the thread of the test, which can see what it writes; merges none. */
export function sealerHere(files: FileSystem = unsyncedFiles): Packer {
  return { ...noPacker, seal: async (segment) => sealHead(files, segment) }
}

/** The same, and merges them. */
export function packerHere(files: FileSystem = unsyncedFiles): Packer {
  return {
    ...sealerHere(files),
    merge: async (blocks) => mergeBlocks(files, blocks),
    fold: async ({ rules, ...folding }) => foldTier(files, folding, createRuleBook(rules)),
  }
}

export interface LogLine {
  readonly level: number
  readonly msg: string
  readonly [field: string]: unknown
}

export class LogFixture {
  readonly path = mkdtempSync(join(tmpdir(), 'kymo-log-'))
  readonly clock = new FakeClock(BASE_MS)
  readonly lines: LogLine[] = []
  readonly #log: Log = createLineLog({
    level: 'debug',
    write: (line) => void this.lines.push(JSON.parse(line) as LogLine),
  })

  segmentPath(number: number): string {
    return join(this.path, 'log', `${String(number).padStart(8, '0')}.log`)
  }

  segmentBytes(number: number): Buffer {
    return readFileSync(this.segmentPath(number))
  }

  open(options: Partial<EmbeddedStoreOptions> = {}): Promise<OpenStore> {
    return openEmbeddedStore({
      path: this.path,
      clock: this.clock,
      log: this.#log,
      files: unsyncedFiles,
      packer: noPacker,
      ...options,
    })
  }

  /** Names of the files in `log` and `blocks`. */
  get storedFiles(): string[] {
    return ['log', 'blocks'].flatMap((directory) => readdirSync(join(this.path, directory)).sort())
  }

  /** What went wrong, as the log says it. */
  get complaints(): LogLine[] {
    return this.lines.filter(({ level }) => level >= 40)
  }

  /** Leaves nothing in the directory but this, as the first segment. */
  plant(bytes: Uint8Array): void {
    rmSync(join(this.path, 'log'), { recursive: true, force: true })
    mkdirSync(join(this.path, 'log'))
    writeFileSync(this.segmentPath(1), bytes)
    this.lines.length = 0
  }

  remove(): void {
    rmSync(this.path, { recursive: true, force: true })
  }
}

/** What an engine shares, as another thread gets it. */
export function posted(shared: unknown): unknown {
  return structuredClone(shared, { transfer: portsIn(shared) })
}

/** Slots that the batches below fill. */
export const SLOT_COUNT = 6
const STEP_MS = 10_000

/**
 * Batch i fills slot i of `a` (and of others), so that what is there tells which batches are. Between them they use
 * every kind of record that is written all day.
 */
export function appendBatch({ engine }: OpenStore, slot: number): void {
  const timeMs = BASE_MS + slot * STEP_MS
  if (slot % 2 === 0) engine.appendFlush(flushOf(['a', `new.${slot}`], timeMs, [slot + 1, -slot]))
  else {
    const [first] = pointsOf(`b.${slot}`, [[timeMs, 100 + slot]]).series
    const { series } = pointsOf('a', [[timeMs, slot + 1]])
    engine.append({
      kind: 'number',
      series: first === undefined ? series : [first, ...series],
      timesMs: Float64Array.of(timeMs + 5, timeMs),
      values: Float64Array.of(100 + slot, slot + 1),
    })
  }
}

/** Which batches are there: what each slot of `a` holds, once it is sure that nothing holds what it should not. */
export async function batchesIn({ engine }: OpenStore): Promise<number[]> {
  const values = await readOne(engine, 'a', 'sum', SLOT_COUNT)
  const present: number[] = []
  for (const [slot, value] of values.entries()) {
    if (value === null) continue
    if (value !== slot + 1) throw new Error(`slot ${slot} of a holds ${value}`)
    present.push(slot)
  }
  for (let slot = 0; slot < SLOT_COUNT; slot++) {
    const key = slot % 2 === 0 ? `new.${slot}` : `b.${slot}`
    const wanted = slot % 2 === 0 ? -slot : 100 + slot
    const held = await readOne(engine, key, 'sum', SLOT_COUNT)
    for (const [index, value] of held.entries()) {
      if (value === null) continue
      if (index !== slot || !Object.is(value, wanted)) throw new Error(`slot ${index} of ${key} holds ${value}`)
    }
  }
  return present
}
