import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { runs } from '../../../test/harness/runs.ts'
import type { Point } from '../../model/point.ts'
import type { Tag } from '../../model/series-key.ts'
import { LineDecoder } from './decode-line.ts'
import { encodeFields, encodeSeries, formatTime } from './encode-line.ts'

interface InfluxPoint {
  readonly measurement: string
  readonly tags: readonly Tag[]
  readonly fields: readonly (readonly [string, number | string])[]
}

function encode({ measurement = 'm', tags = [], fields = [['f', 1]] }: Partial<InfluxPoint>): string {
  const isField = (key: string) => fields.some(([field]) => field === key)
  return `${encodeSeries(measurement, tags, isField)} ${encodeFields(fields)} 5\n`
}

describe('a line', () => {
  const cases: [point: Partial<InfluxPoint>, line: string][] = [
    [{}, 'm f=1 5\n'],
    [{ measurement: 'api.hits' }, 'api.hits f=1 5\n'],
    [{ measurement: 'a b,c=d' }, 'a\\ b\\,c=d f=1 5\n'],
    [{ measurement: '#a' }, '_a f=1 5\n'],
    [{ measurement: 'a\\' }, 'a_ f=1 5\n'],
    [{ measurement: 'a\nb 1 1\rc' }, 'a_b\\ 1\\ 1_c f=1 5\n'],
    [{ measurement: 'nul\0esc\u001b\u009bbidi\u202e' }, 'nul_esc__bidi_ f=1 5\n'],
    [{ measurement: 'größe\u{1f600}"' }, 'größe\u{1f600}" f=1 5\n'],
    [{ measurement: 'lone\ud800' }, 'lone\ufffd f=1 5\n'],
    [{ measurement: '__proto__' }, '__proto__ f=1 5\n'],
    [
      {
        tags: [
          ['b', '2'],
          ['a', '1'],
        ],
      },
      'm,a=1,b=2 f=1 5\n',
    ],
    [{ tags: [['k,=\\ ', 'v,=\\ ']] }, 'm,k\\,\\=_\\ =v\\,\\=_\\  f=1 5\n'],
    [
      {
        tags: [
          ['a', ''],
          ['', 'b'],
          ['c', 'd'],
        ],
      },
      'm,c=d f=1 5\n',
    ],
    [
      {
        tags: [
          ['a', '2'],
          ['a', '1'],
        ],
      },
      'm,a=2__1 f=1 5\n',
    ],
    [
      {
        tags: [
          ['time', 'x'],
          ['_field', 'y'],
          ['f', 'z'],
        ],
      },
      'm,_field_=y,f_=z,time_=x f=1 5\n',
    ],
    [
      {
        fields: [
          ['count', 10],
          ['upper_99_9', 1e300],
          ['sum', -0.5],
        ],
      },
      'm count=10,upper_99_9=1e+300,sum=-0.5 5\n',
    ],
    [{ fields: [['f', 'say "a\\b"\nand\r\nmore']] }, 'm f="say \\"a\\\\b\\"\\\\nand\\\\nmore" 5\n'],
    [{ fields: [['f', '']] }, 'm f="" 5\n'],
  ]
  test.each(cases)('%j', (point, line) => {
    expect(encode(point)).toBe(line)
  })

  test('says to a reader what was meant, whatever the text', () => {
    const text = fc.string({ unit: 'binary', minLength: 1, maxLength: 20 })
    fc.assert(
      fc.property(
        text,
        text,
        text,
        fc.double({ noDefaultInfinity: true, noNaN: true }),
        (name, key, value, number) => {
          const line = encode({
            measurement: name,
            tags: [[key, value]] satisfies Tag[],
            fields: [['f', number]],
          })
          expect(line.endsWith('\n')).toBe(true)
          expect(line.indexOf('\n')).toBe(line.length - 1)
          const bytes = Buffer.from(line)
          const values: number[] = []
          const out = {
            packet: () => {},
            sample: () => {},
            event: () => {},
            point: (point: Point) => void values.push(point.value),
          }
          const reason = new LineDecoder('ms').decode(bytes, 0, bytes.length - 1, 1_000, out)
          // A name of which our own rules leave nothing has no series.
          if (reason !== 'empty_name')
            expect([reason, values]).toEqual([undefined, [number === 0 ? 0 : number]])
        },
      ),
      { numRuns: runs(500) },
    )
  })
})

test.each([
  [1_700_000_000_123, 'ms', '1700000000123'],
  [1_700_000_000_123, 'us', '1700000000123000'],
  [1_700_000_000_123, 'ns', '1700000000123000000'],
  [1_700_000_000_999, 's', '1700000000'],
  [-1_500, 's', '-2'],
  [0, 'ns', '0'],
  [-0.2, 'ns', '0'],
] as const)('%d ms in %s is %s', (timeMs, unit, text) => {
  expect(formatTime(timeMs, unit)).toBe(text)
})
