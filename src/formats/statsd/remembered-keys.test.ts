import { expect, test } from 'vitest'
import { createStatsdFormat } from './statsd-format.ts'

test('what is remembered of a name with its first tags says nothing of a line with more of them', () => {
  const keys: string[] = []
  const unused = (): void => undefined
  const out = {
    packet: unused,
    point: unused,
    event: unused,
    sample: ({ key }: { key: string }) => keys.push(key),
  }
  const format = createStatsdFormat()
  const decode = (text: string) => {
    const line = Buffer.from(text)
    return format.decodeLine(line, 0, line.length, 0, out)
  }
  // Kept when it comes for the second time.
  for (let times = 0; times < 3; times++) expect(decode('a:1|c|#b:1')).toBeUndefined()
  expect(decode('a:1|c|#b:1|#c:2')).toBeUndefined()
  expect(keys.at(-1)).toBe('a;b=1;c=2')
  expect(decode(`a:1|c|#b:1|#${'x'.repeat(1_000)}:2`)).toBe('tag_too_long')
})
