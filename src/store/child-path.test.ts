import { expect, test } from 'vitest'
import { childPathOf } from './child-path.ts'

test.each<[key: string, prefix: string, child: string | undefined]>([
  ['a.b.c', '', 'a'],
  ['a', '', 'a'],
  ['a.b.c', 'a', 'a.b'],
  ['a.b.c', 'a.b', 'a.b.c'],
  ['a.b', 'a.b', 'a.b'],
  ['ab.c', 'a', undefined],
  ['a-b.c', 'a', undefined],
  ['b', 'a', undefined],
  ['a', 'a.b', undefined],
  ['a;env=x.y', '', 'a'],
  ['a.b;env=x.y', 'a', 'a.b'],
  ['a.b;env=x.y', 'a.b', 'a.b;env=x.y'],
  ['a.b;env=x.y', 'a.b;env=x', undefined],
  ['a.b;env=x.y', 'a.b;env=x.y', 'a.b;env=x.y'],
  [';env=x', '', ''],
  ['.b', '', ''],
  ['a..b', 'a', 'a.'],
  ['a..b', 'a.', 'a..b'],
  ['a.b;env=x.y;host=h', ';env', ';env=x.y'],
  ['a.b;env=x.y;host=h', ';host', ';host=h'],
  ['a.b;env=x.y;host=h', ';env=x.y;host', ';env=x.y;host=h'],
  ['a.b;env=x.yz;host=h', ';env=x.y;host', undefined],
  ['a.b;environment=x', ';env', undefined],
  ['a.b', ';env', undefined],
  ['a.b;env=x', ';', undefined],
])('%j below %j belongs to %j', (key, prefix, child) => {
  expect(childPathOf(key, prefix)).toBe(child)
})
