import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Accumulators } from './accumulators.ts'
import { ExpectedLines } from './expected-lines.ts'
import { FoundLines } from './found-lines.ts'
import { KnownSamples } from './known-samples.ts'
import { LineOrder } from './line-order.ts'
import { IS_METRIC, IS_SHAPE, KIND_COUNTER, LEARNED, VALUE } from './record.ts'
import { copyText, hashOf } from './record-text.ts'

/** Both ways to take lines, over the same records. */
class Lines {
  readonly #accumulators = new Accumulators()
  readonly #samples = new KnownSamples(this.#accumulators)
  readonly #records = this.#accumulators.records
  readonly order = new LineOrder(this.#records)
  readonly expected = new ExpectedLines(this.#records, this.#samples, this.order)
  readonly found = new FoundLines(this.#records, this.#samples, this.order)

  /** Counters, which come one behind the other. */
  constructor(...shapes: readonly (readonly [name: string, mark: string])[]) {
    for (const [name, mark] of shapes) {
      const text = copyText(Buffer.from(name), Buffer.from(mark))
      const record = this.#records.add(hashOf(text), KIND_COUNTER | IS_METRIC | IS_SHAPE, 0, text)
      this.order.follow(record)
    }
    this.order.startOver()
  }

  forgetShapes(): void {
    this.#records.clearMeaning(LEARNED)
  }

  /** What all counters together have. */
  get sum(): number {
    const { used, records } = this.#accumulators
    return used.reduce((sum, at) => sum + records.view.getFloat64(at + VALUE, true), 0)
  }
}

/** In memory that ends eight bytes behind it, with more digits and colons. */
function memoryOf(text: string): { line: DataView; end: number } {
  const bytes = Uint8Array.from(Buffer.from(`${text}1:1:1:1:`))
  return { line: new DataView(bytes.buffer), end: bytes.length - 8 }
}

const NAME = 'service.api.requests'
const TAGS = '|c|#env:prod,host:web1'

describe('lines in the order of the last time', () => {
  const shapes = [
    ['a', '|c'],
    [NAME, TAGS],
    ['c', '|c'],
  ] as const

  test('are taken without a search', () => {
    const lines = new Lines(...shapes)
    const { line, end } = memoryOf(`a:1|c\n${NAME}:20.5${TAGS}\nc:300|c\n`)
    expect(lines.expected.take(line, 0, end)).toBe(end)
    expect(lines.expected.takenCount).toBe(3)
    expect(lines.order.isKept).toBe(true)
    expect(lines.sum).toBe(321.5)
  })

  test.each([
    `c:1|c`,
    `${NAME}:1|c`,
    `${NAME}x:1${TAGS}`,
    `${NAME.slice(1)}:1${TAGS}`,
    `${NAME.slice(0, -1)}:1${TAGS}`,
    `${NAME.slice(0, -1)}S:1${TAGS}`,
    `S${NAME.slice(1)}:1${TAGS}`,
    `${NAME}:1${TAGS}x`,
    `${NAME}:1${TAGS.slice(0, -1)}`,
    `${NAME}:1${TAGS.slice(0, -1)}2`,
    `${NAME}:1${TAGS.replace('e', 'E')}`,
    `${NAME}:${TAGS}`,
    `${NAME}:x${TAGS}`,
    `${NAME}:1x${TAGS}`,
    `${NAME}:-1${TAGS}`,
    `${NAME}:1.2.3${TAGS}`,
    `${NAME}:1234567890123456${TAGS}`,
    `${NAME}:1${TAGS}\r`,
    `${NAME}1${TAGS}`,
    `${NAME}x1${TAGS}`,
    `${NAME}`,
    ``,
  ])('are taken up to one that is another: %j', (other) => {
    const lines = new Lines(...shapes)
    const { line, end } = memoryOf(`a:1|c\n${other}\nc:300|c\n`)
    expect(lines.expected.take(line, 0, end)).toBe(6)
    expect(lines.expected.takenCount).toBe(1)
    expect(lines.order.isKept).toBe(false)
    expect(lines.sum).toBe(1)
  })

  test('are not expected any more when what they mean may have changed', () => {
    const lines = new Lines(...shapes)
    const { line, end } = memoryOf('a:1|c\n')
    lines.forgetShapes()
    expect(lines.expected.take(line, 0, end)).toBe(0)
    expect(lines.sum).toBe(0)
  })

  test('are searched for behind another one, and then expected again', () => {
    const lines = new Lines(...shapes)
    const { line, end } = memoryOf(`c:1|c\na:1|c\n${NAME}:1${TAGS}\nc:1|c\n`)
    expect(lines.expected.take(line, 0, end)).toBe(0)
    const at = lines.found.take(line, 0, end)
    expect(at).toBe(end - 'c:1|c\n'.length)
    expect(lines.found.takenCount).toBe(3)
    expect(lines.order.isKept).toBe(true)
    expect(lines.expected.take(line, at, end)).toBe(end)
    expect(lines.sum).toBe(4)
  })
})

test('a line is taken as expected if and only if it is taken by a search', () => {
  const name = fc.string({ unit: fc.constantFrom('a', 'b'), maxLength: 18 })
  const mark = fc
    .tuple(fc.constantFrom('|c', '|c|#'), fc.string({ unit: fc.constantFrom('a', 'b'), maxLength: 18 }))
    .map((parts) => parts.join(''))
  const shape = fc.tuple(name, mark)
  const near = fc.tuple(fc.boolean(), fc.boolean(), shape)
  fc.assert(
    fc.property(shape, near, fc.nat(999), (known, [hasName, hasMark, [otherName, otherMark]], value) => {
      const line = `${hasName ? known[0] : otherName}:${value}${hasMark ? known[1] : otherMark}\n`
      const memory = memoryOf(line)
      const byOrder = new Lines(known)
      const bySearch = new Lines(known)
      byOrder.expected.take(memory.line, 0, memory.end)
      bySearch.found.take(memory.line, 0, memory.end)
      expect(byOrder.expected.takenCount).toBe(bySearch.found.takenCount)
      expect(byOrder.expected.takenCount).toBe(line === `${known[0]}:${value}${known[1]}\n` ? 1 : 0)
      expect(byOrder.sum).toBe(bySearch.sum)
    }),
    { numRuns: 2_000 },
  )
})
