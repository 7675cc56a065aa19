import { describe, expect, test } from 'vitest'
import { type ColumnMemory, ownMemory, SharedColumnMemory, SharedColumnReader } from './column-memory.ts'

const memories: readonly (readonly [of: string, memory: () => ColumnMemory])[] = [
  ['one thread', () => ownMemory],
  ['several, where it is', () => new SharedColumnMemory()],
  ['several, beyond what is reserved', () => new SharedColumnMemory(16)],
]

test.each(memories)('a column of %s keeps what is in it when it grows', (_, create) => {
  const memory = create()
  let column = memory.make(Uint32Array, 4)
  for (let length = 4; length <= 4_096; length *= 2) {
    if (length > 4) column = memory.grow(column, length)
    expect(column.length).toBe(length)
    for (let place = length / 2; place < length; place++) column[place] = place
  }
  expect([...column.subarray(2)]).toEqual(Array.from({ length: 4_094 }, (_, place) => place + 2))
})

test('bytes, whole numbers and others grow alike', () => {
  const memory = new SharedColumnMemory(64)
  const bytes = memory.make(Uint8Array, 3)
  bytes.set([1, 2, 3])
  expect([...memory.grow(bytes, 5)]).toEqual([1, 2, 3, 0, 0])
  const times = memory.make(Float64Array, 2)
  times.set([0.5, -0])
  expect([...memory.grow(times, 100).subarray(0, 3)]).toEqual([0.5, -0, 0])
})

describe('who reads the memory of another thread', () => {
  function setUp() {
    const memory = new SharedColumnMemory()
    const column = memory.make(Int32Array, 8)
    return { memory, column, reader: new SharedColumnReader(memory.words, memory.layout) }
  }

  test('has what is there', () => {
    const { column, reader } = setUp()
    column[3] = 7
    expect(reader.read(() => column[3])).toBe(7)
  })

  test('has nothing while something is being changed', () => {
    const { memory, reader } = setUp()
    memory.beginChange()
    expect(reader.read(() => 1)).toBeUndefined()
    memory.endChange()
    expect(reader.read(() => 1)).toBe(1)
  })

  test('looks again where something was changed while it looked, and not for ever', () => {
    const { memory, column, reader } = setUp()
    const change = (): void => {
      memory.beginChange()
      column[0] = (column[0] as number) + 1
      memory.endChange()
    }
    let looks = 0
    const found = reader.read(() => {
      const seen = column[0]
      if (looks++ === 0) change()
      return seen
    })
    expect(found).toBe(1)
    expect(
      reader.read(() => {
        change()
        return 1
      }),
    ).toBeUndefined()
  })

  test('has nothing where it could not make sense of what it read', () => {
    const { reader } = setUp()
    expect(
      reader.read(() => {
        throw new Error('half of it')
      }),
    ).toBeUndefined()
  })

  test.each([
    ['is longer', (memory: ColumnMemory, column: Int32Array) => memory.grow(column, 16)],
    ['comes', (memory: ColumnMemory) => memory.make(Int32Array, 1)],
    ['goes', (memory: ColumnMemory, column: Int32Array) => memory.release(column)],
  ])('has nothing once a column %s', (_, change) => {
    const { memory, column, reader } = setUp()
    expect(reader.isOutdated).toBe(false)
    change(memory, column)
    expect(reader.isOutdated).toBe(true)
    expect(reader.read(() => 1)).toBeUndefined()
  })
})
