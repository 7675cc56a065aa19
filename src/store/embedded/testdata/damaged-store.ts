// A small store of known content, whose files are damaged one at a time.
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { KymoError } from '../../../telemetry/errors.ts'
import { createLineLog } from '../../../telemetry/log.ts'
import { flushOf, pointsOf, readChunks } from '../../engine.conformance.ts'
import type { OpenStore } from '../../open-store.ts'
import { BASE_MS } from '../../testdata/base-time.ts'
import { verifyStore } from '../care/verify-store.ts'
import { openEmbeddedStore } from '../open-embedded-store.ts'
import { noPacker, packerHere, unsyncedFiles } from './log-fixture.ts'

const STEP_MS = 10_000
const SLOT_COUNT = 60
/** As many of the first slots are in blocks, the others in the log. */
const PACKED_SLOTS = 40
const KEYS = ['a', 'b', 'c', 'late.0', 'late.1', 'late.2']

/** Files by their path within the data directory. */
export type StoreImage = ReadonlyMap<string, Buffer>

/** What the process left that wrote it, and did not stop cleanly: blocks, and a log of several segments. */
export async function makeImage(): Promise<StoreImage> {
  const path = mkdtempSync(join(tmpdir(), 'kymo-image-'))
  try {
    const packed = await open(path, { packer: packerHere(), segmentBytes: 2_048 })
    for (let slot = 0; slot < PACKED_SLOTS; slot++) append(packed, slot)
    await packed.close()
    const logged = await open(path, { packer: noPacker, segmentBytes: 1_024 })
    for (let slot = PACKED_SLOTS; slot < SLOT_COUNT; slot++) append(logged, slot)
    await logged.engine.sync()
    const image = readImage(path)
    await logged.close()
    return image
  } finally {
    rmSync(path, { recursive: true })
  }
}

/** All that is missing is missing for a reason: a damage that was found, in the file that has it, or a start that was refused. */
export interface DamageReport {
  /** What `kymo verify` or the start said, naming the file or its directory. */
  readonly isFound: boolean
  readonly missingPoints: number
  readonly complaints: readonly string[]
}

/**
 * Puts the damaged bytes in the place of the file's (undefined: the file is gone), and looks at what verify and a start make of
 * it, and a repair and a start after that.
 */
export async function damage(
  image: StoreImage,
  name: string,
  bytes: Uint8Array | undefined,
  { repairs = true }: { repairs?: boolean } = {},
): Promise<DamageReport> {
  const path = mkdtempSync(join(tmpdir(), 'kymo-damage-'))
  const damagedPath = join(path, name)
  const complaints: string[] = []
  let isFound = false
  try {
    writeImage(path, image)
    if (bytes === undefined) rmSync(damagedPath)
    else writeFileSync(damagedPath, bytes)
    try {
      const { files } = verifyStore({ path, repairs: false })
      const places = files.flatMap((file) => file.damages)
      isFound = places.some((place) => place.path === damagedPath)
      for (const place of places)
        if (place.path !== damagedPath) complaints.push(`verify blames ${place.path}: ${place.what}`)
    } catch (error) {
      return { isFound: isNamed(error, path), missingPoints: 0, complaints: unlessNamed(error, path) }
    }

    const missing = await missingPoints(path, complaints)
    if (!repairs) return { isFound, missingPoints: missing, complaints }
    writeImage(path, image)
    if (bytes === undefined) rmSync(damagedPath)
    else writeFileSync(damagedPath, bytes)
    verifyStore({ path, repairs: true })
    const left = verifyStore({ path, repairs: false }).files.flatMap((file) => file.damages)
    for (const place of left) complaints.push(`after the repair, ${place.path}: ${place.what}`)
    await missingPoints(path, complaints)
    return { isFound, missingPoints: missing, complaints }
  } catch (error) {
    complaints.push(...unlessNamed(error, path))
    return { isFound, missingPoints: 0, complaints }
  } finally {
    rmSync(path, { recursive: true })
  }
}

/** How many points a start does not find; one that it finds and that was never written is a complaint. */
async function missingPoints(path: string, complaints: string[]): Promise<number> {
  const store = await open(path, {})
  try {
    const series = KEYS.map((key) => ({ key, rollup: 'sum' as const }))
    const range = { startMs: BASE_MS, endMs: BASE_MS + SLOT_COUNT * STEP_MS }
    let missing = 0
    for (const { key, values } of await readChunks(store.engine, { series, range, stepMs: STEP_MS })) {
      for (const [slot, value] of values.entries()) {
        const wanted = valueOf(key, slot)
        if (Number.isNaN(value)) missing += Number.isNaN(wanted) ? 0 : 1
        else if (!Object.is(value, wanted)) complaints.push(`${key}[${slot}] is ${value}, not ${wanted}`)
      }
    }
    return missing
  } finally {
    await store.close()
  }
}

function append({ engine }: OpenStore, slot: number): void {
  const keys = ['a', 'b', 'c']
  const timeMs = BASE_MS + slot * STEP_MS
  engine.appendFlush(flushOf(keys, timeMs, keys.map((key) => valueOf(key, slot))))
  const late = `late.${slot % 3}`
  engine.append(pointsOf(late, [[timeMs, valueOf(late, slot)]]))
}

/** NaN: nothing. */
function valueOf(key: string, slot: number): number {
  if (key.startsWith('late')) return key === `late.${slot % 3}` ? slot + 0.25 : Number.NaN
  return key === 'a' ? slot : Math.sin(slot + key.charCodeAt(0))
}

function open(path: string, options: Parameters<typeof openEmbeddedStore>[0] | object): Promise<OpenStore> {
  const log = createLineLog({ level: 'error', write: () => {} })
  return openEmbeddedStore({ path, files: unsyncedFiles, packer: packerHere(), log, ...options })
}

function isNamed(error: unknown, path: string): boolean {
  return error instanceof KymoError && error.exitCode < 70 && error.message.includes(path)
}

function unlessNamed(error: unknown, path: string): string[] {
  if (isNamed(error, path)) return []
  return [`an error that says nothing: ${error instanceof Error ? error.stack : String(error)}`]
}

function readImage(path: string): StoreImage {
  const names = readdirSync(path, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !entry.name.startsWith('kymo.'))
    .map((entry) => join(entry.parentPath, entry.name).slice(path.length + 1))
  return new Map(names.map((name) => [name, readFileSync(join(path, name))]))
}

function writeImage(path: string, image: StoreImage): void {
  rmSync(path, { recursive: true })
  for (const [name, bytes] of image) {
    mkdirSync(dirname(join(path, name)), { recursive: true })
    writeFileSync(join(path, name), bytes)
  }
}
