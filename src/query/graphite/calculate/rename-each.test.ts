import { expect, test } from 'vitest'
import { createSeries } from './create-series.ts'
import { renameEach } from './rename-each.ts'

const call = {
  fail(reason: string): never {
    throw new Error(reason)
  },
}

function seriesNamed(name: string) {
  return createSeries({ name, startSeconds: 0, endSeconds: 10, stepSeconds: 10, values: new Float64Array(1) })
}

test('names change, and what was printed under them stays', () => {
  const [one] = renameEach([seriesNamed('a')], call, ({ name }, index) => `${name}${index}`)
  expect(one).toMatchObject({ name: 'a0', pathExpression: 'a' })
})

test('a name does not grow without an end', () => {
  let series = [seriesNamed('x'.repeat(10_000))]
  expect(() => {
    for (let times = 0; times < 30; times++) series = renameEach(series, call, ({ name }) => name + name)
  }).toThrow('longer than 16384 characters')
})

test('a name that is long already may become shorter', () => {
  const [one] = renameEach([seriesNamed('x'.repeat(50_000))], call, ({ name }) => name.slice(1))
  expect(one?.name.length).toBe(49_999)
})
