import { describe, expect, test } from 'vitest'
import { gaugesOf } from '../../sinks/testdata/batches.ts'
import { toWireName, WireNames } from './wire-name.ts'

describe('a name on the wire', () => {
  test.each([
    ['stats.counters.a.count', 'stats.counters.a.count'],
    ['a;env=prod;host=web1', 'a;env=prod;host=web1'],
    ['a b', 'a_b'],
    ['a\nb 1 1', 'a_b_1_1'],
    ['a\tb\rc\u0000d\u007fe', 'a_b_c_d_e'],
    ['a\u001cb\u0085c\u00a0d\u2028e\u3000f\ufeffg', 'a_b_c_d_e_f_g'],
    ['umlaut-ä/slash', 'umlaut-ä/slash'],
    ['', '_'],
    [';k=v', '_;k=v'],
    ['a;k=', 'a;k=_'],
    ['a;=v', 'a;_=v'],
    ['a;k!^=v!^', 'a;k__=v!^'],
    ['a;k=~v~', 'a;k=_v~'],
    ['a;k=x=y', 'a;k=x=y'],
    ['a;k k=v v', 'a;k_k=v_v'],
  ])('%j is written as %j', (key, wanted) => {
    expect(toWireName(key)).toBe(wanted)
  })

  test.each([
    ['a', 'a'],
    ['a.b;env=prod;host=web1', 'a.b.env.prod.host.web1'],
    ['a;version=1.2.3', 'a.version.1_2_3'],
    ['a;k=', 'a.k._'],
    ['a;k k=v=v', 'a.k_k.v_v'],
  ])('%j is written as %j where tags become nodes', (key, wanted) => {
    expect(toWireName(key, 'flatten')).toBe(wanted)
  })

  test('is written without its tags where those are dropped', () => {
    expect(toWireName('a b;env=prod', 'drop')).toBe('a_b')
  })

  test('is the same text each time', () => {
    const { series } = gaugesOf(['a b', 'x'.repeat(20_000)])
    const names = new WireNames()
    for (const _ of [1, 2]) {
      expect(series.map((identity) => names.nameOf(identity))).toEqual(['stats.gauges.a_b', ''])
    }
  })
})
