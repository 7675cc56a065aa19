import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import type { AggregationMethod } from '../../model/aggregation-method.ts'
import { fetch } from './fetch.ts'
import { bytesInMemory } from './file-bytes.ts'
import { decodeHeader, encodeHeader, MOST_HEADER_BYTES } from './header.ts'
import { update, updateMany, type WhisperFile } from './update.ts'

/** What the real whisper did, run on these. */
const { scenarios } = JSON.parse(
  readFileSync(`${import.meta.dirname}/testdata/graphite_whisper.json`, 'utf8'),
) as { readonly scenarios: readonly Scenario[] }

interface Scenario {
  readonly name: string
  readonly archives: readonly [number, number][]
  readonly xFilesFactor: number
  readonly aggregationMethod: AggregationMethod
  readonly ops: readonly (
    | { op: 'update'; timestamp: number; value: number; now: number; error?: string }
    | { op: 'update_many'; points: readonly [number, number][]; now: number }
  )[]
  readonly fileSize: number
  readonly fetch: readonly {
    from: number
    until: number
    now: number
    error?: string
    result?: { start: number; end: number; step: number; values: unknown } | null
  }[]
}

test.each(scenarios)(
  'whisper: $name',
  ({ archives, xFilesFactor, aggregationMethod, ops, fileSize, fetch: fetches }) => {
    const bytes = newFile({ archives, xFilesFactor, method: aggregationMethod })
    expect(bytes.length).toBe(fileSize)
    const whisper = opened(bytes)
    for (const step of ops) {
      if (step.op === 'update')
        expect(update(whisper, { seconds: step.timestamp, value: step.value }, step.now)).toBe(
          step.error === undefined,
        )
      else
        updateMany(
          whisper,
          step.points.map(([seconds, value]) => ({ seconds, value })),
          step.now,
        )
    }
    for (const { from, until, now, result, error } of fetches) {
      const request = { fromSeconds: from, untilSeconds: until, nowSeconds: now }
      if (error !== undefined) {
        expect(() => fetch(whisper, request)).toThrow('ends before it begins')
        continue
      }
      const found = fetch(whisper, request)
      const shown =
        found === undefined
          ? null
          : {
              start: found.startSeconds,
              end: found.endSeconds,
              step: found.stepSeconds,
              values: [...found.values].map((value) => (Number.isNaN(value) ? null : value)),
            }
      expect(shown).toEqual(
        result === null || result === undefined ? null : { ...result, values: unpack(result.values) },
      )
    }
  },
)

function unpack(values: unknown): unknown[] {
  if (Array.isArray(values)) return values
  const { $rle, $repeat } = values as { $rle?: [unknown, number][]; $repeat?: [unknown[], number] }
  if ($rle !== undefined) return $rle.flatMap(([value, count]) => Array.from({ length: count }, () => value))
  if ($repeat !== undefined)
    return Array.from({ length: $repeat[1] }, (_, index) => $repeat[0][index % $repeat[0].length])
  throw new Error('values are packed in a way that is not known')
}

function newFile(file: {
  archives: readonly (readonly [number, number])[]
  xFilesFactor: number
  method: AggregationMethod
}): Uint8Array {
  const encoded = encodeHeader({
    ...file,
    archives: file.archives.map(([stepSeconds, points]) => ({ stepSeconds, points })),
  })
  if ('problem' in encoded) throw new Error(encoded.problem)
  const bytes = new Uint8Array(encoded.fileBytes)
  bytes.set(encoded.bytes)
  return bytes
}

function opened(bytes: Uint8Array): WhisperFile {
  const header = decodeHeader(bytes.subarray(0, MOST_HEADER_BYTES), bytes.length)
  if ('problem' in header) throw new Error(header.problem)
  return { header, file: bytesInMemory(bytes) }
}
