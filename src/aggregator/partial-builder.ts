import { type MetricName, type PartialAggregate, toNameColumns } from '../model/partial-aggregate.ts'
import { toSetRegisterColumns } from '../model/set-registers.ts'
import { type TimerSketch, toTimerSketchColumns } from '../model/timer-sketch.ts'

/** Collects a partial aggregate row by row and turns it into columns. What is handed in is copied by `build`. */
export class PartialBuilder {
  readonly #names: MetricName[] = []
  readonly #counterIds: number[] = []
  readonly #sums: number[] = []
  readonly #gaugeIds: number[] = []
  readonly #absolutes: number[] = []
  readonly #absoluteTimesMs: number[] = []
  readonly #deltas: number[] = []
  readonly #timerIds: number[] = []
  readonly #values: ArrayLike<number>[] = []
  readonly #weights: ArrayLike<number>[] = []
  #valueCount = 0
  readonly #timerSketches: [id: number, sketch: TimerSketch][] = []
  readonly #setIds: number[] = []
  readonly #setOffsets: number[] = [0]
  readonly #members: string[] = []
  readonly #setRegisters: [id: number, registers: Uint8Array][] = []

  name(name: MetricName): void {
    this.#names.push(name)
  }

  counter(id: number, sum: number): void {
    this.#counterIds.push(id)
    this.#sums.push(sum)
  }

  /** `absolute` is NaN if there is none. */
  gauge(id: number, absolute: number, absoluteTimeMs: number, delta: number): void {
    this.#gaugeIds.push(id)
    this.#absolutes.push(absolute)
    this.#absoluteTimesMs.push(absoluteTimeMs)
    this.#deltas.push(delta)
  }

  /** `values` and `weights` are equally long. */
  timer(id: number, values: ArrayLike<number>, weights: ArrayLike<number>): void {
    for (let index = 0; index < values.length; index++) this.#timerIds.push(id)
    this.#values.push(values)
    this.#weights.push(weights)
    this.#valueCount += values.length
  }

  timerSketch(id: number, sketch: TimerSketch): void {
    this.#timerSketches.push([id, sketch])
  }

  set(id: number, members: Iterable<string>): void {
    this.#setIds.push(id)
    for (const member of members) this.#members.push(member)
    this.#setOffsets.push(this.#members.length)
  }

  setRegisters(id: number, registers: Uint8Array): void {
    this.#setRegisters.push([id, registers])
  }

  build(intervalEndMs: number): PartialAggregate {
    return {
      intervalEndMs,
      names: toNameColumns(this.#names),
      counters: { ids: Uint32Array.from(this.#counterIds), sums: Float64Array.from(this.#sums) },
      gauges: {
        ids: Uint32Array.from(this.#gaugeIds),
        absolutes: Float64Array.from(this.#absolutes),
        absoluteTimesMs: Float64Array.from(this.#absoluteTimesMs),
        deltas: Float64Array.from(this.#deltas),
      },
      timers: {
        ids: Uint32Array.from(this.#timerIds),
        values: concatenate(this.#values, this.#valueCount),
        weights: concatenate(this.#weights, this.#valueCount),
      },
      timerSketches: toTimerSketchColumns(this.#timerSketches),
      sets: {
        ids: Uint32Array.from(this.#setIds),
        offsets: Uint32Array.from(this.#setOffsets),
        members: this.#members,
      },
      setRegisters: toSetRegisterColumns(this.#setRegisters),
    }
  }
}

/** The numbers of all chunks, one after the other; `length` is how many there are. */
function concatenate(chunks: readonly ArrayLike<number>[], length: number): Float64Array<ArrayBuffer> {
  const all = new Float64Array(length)
  let offset = 0
  for (const chunk of chunks) {
    all.set(chunk, offset)
    offset += chunk.length
  }
  return all
}
