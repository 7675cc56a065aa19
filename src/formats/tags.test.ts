import { describe, expect, test } from 'vitest'
import { formatSeriesKey, type Tag } from '../model/series-key.ts'
import { addCommaTags, addDogstatsdTags, addGraphiteTags } from './tags.ts'

function keyOf(add: (text: string, tags: Tag[]) => void, text: string): string {
  const tags: Tag[] = []
  add(text, tags)
  return formatSeriesKey('n', tags)
}

describe('tags of DogStatsD', () => {
  test.each([
    ['env:prod', 'n;env=prod'],
    ['b:2,a:1', 'n;a=1;b=2'],
    ['a:1,a:2', 'n;a=2'],
    ['flag', 'n;flag=true'],
    ['url:http://x:80/y', 'n;url=http://x:80/y'],
    ['', 'n'],
    [',,', 'n'],
    [',a:1,', 'n;a=1'],
    [':1', 'n'],
    ['a:', 'n'],
    ['a:~', 'n'],
    ['a:b;c=d', 'n;a=b_c=d'],
    ['a=b!^:1', 'n;a_b__=1'],
    ['~a:~~1~', 'n;a=1~'],
    ['a:one  two\tthree', 'n;a=one_two_three'],
    ['intitulé:T0µ', 'n;intitulé=T0µ'],
    ['a:x\u0000y\u001b[31m\u202ez', 'n;a=xy[31mz'],
    ['__proto__:1,constructor:2', 'n;__proto__=1;constructor=2'],
    ['a:1,#b:2,#', 'n;a=1;b=2'],
  ])('%j', (text, key) => {
    expect(keyOf(addDogstatsdTags, text)).toBe(key)
  })
})

describe('tags of a Graphite name', () => {
  test.each([
    ['env=prod', 'n;env=prod'],
    ['b=2;a=1', 'n;a=1;b=2'],
    ['flag', 'n;flag=true'],
    ['a=b=c', 'n;a=b=c'],
    ['a:b=1', 'n;a:b=1'],
    ['', 'n'],
    [';;=1;a=', 'n'],
  ])('%j', (text, key) => {
    expect(keyOf(addGraphiteTags, text)).toBe(key)
  })
})

describe('tags between commas, of Influx, Librato and SignalFx', () => {
  test.each([
    ['env=prod,canary', 'n;canary=true;env=prod'],
    ['b=2,a=1,b=3', 'n;a=1;b=3'],
    ['a=b=c;d', 'n;a=b=c_d'],
    [',,=1,a=', 'n'],
  ])('%j', (text, key) => {
    expect(keyOf(addCommaTags, text)).toBe(key)
  })
})
