import { expect, test } from 'vitest'
import { nearestWord } from './nearest-word.ts'

const words = ['flush.interval', 'http', 'port', 'store', 'retention', 'check-config']

test.each([
  ['htp', 'http'],
  ['hhtp', 'http'],
  ['prot', 'port'],
  ['PORT', 'port'],
  ['stroe', 'store'],
  ['retentoin', 'retention'],
  ['flushInterval', 'flush.interval'],
  ['flush_intervall', 'flush.interval'],
  ['checkconfig', 'check-config'],
  ['banana', undefined],
  ['', undefined],
  ['x', undefined],
  ['__proto__', undefined],
  ['http'.repeat(1000), undefined],
])('%j is nearest to %j', (word, wanted) => {
  expect(nearestWord(word, words)).toBe(wanted)
})

test('of equally near words the first is taken', () => {
  expect(nearestWord('bat', ['cat', 'hat'])).toBe('cat')
})
