import { expect, test } from 'vitest'
import { element, escapeText, px } from './svg-text.ts'

test.each([
  ['<script>alert(1)</script>', '&lt;script&gt;alert(1)&lt;/script&gt;'],
  [`"a" & 'b'`, '&quot;a&quot; &amp; &#39;b&#39;'],
  [']]><!--', ']]&gt;&lt;!--'],
  ['a\u0000b\u001b[31m', 'a\u{fffd}b\u{fffd}[31m'],
  ['lone \ud800 half', 'lone \u{fffd} half'],
  ['\u202egnp.exe\u2066', '\u{fffd}gnp.exe\u{fffd}'],
  ['\uffff\ufffe', '\u{fffd}\u{fffd}'],
  ['שלום 😀 漢字', 'שלום 😀 漢字'],
])('%j is text', (text, wanted) => {
  expect(escapeText(text)).toBe(wanted)
})

test.each([
  [1, '1'],
  [0.1 + 0.2, '0.3'],
  [-0.001, '0'],
  [12.3456, '12.35'],
])('%d is written %s', (value, wanted) => {
  expect(px(value)).toBe(wanted)
})

test('attributes are escaped, and left out without a value', () => {
  expect(element('a', { b: '"><x y="', c: undefined, d: 1.005 }, 'text')).toBe(
    '<a b="&quot;&gt;&lt;x y=&quot;" d="1">text</a>',
  )
})
