import { expect, test } from 'vitest'
import { compileLinearRegex } from './linear-regex.ts'
import { compileReplacement } from './regex-replacement.ts'

function substitute(pattern: string, template: string, text: string): string | { problem: string } {
  const regex = compileLinearRegex(pattern)
  if ('problem' in regex) return regex
  const replacement = compileReplacement(template, regex)
  return typeof replacement === 'object' ? replacement : regex.replaceAll(text, replacement)
}

// Each as Python's re.sub gives it.
test.each([
  ['^.*TCP(\\d+)', '\\1', 'ip.eth0.TCP80.in', '80.in'],
  ['(?P<host>web\\d+)', '<\\g<host>>', 'a.web1.web2', 'a.<web1>.<web2>'],
  ['(\\d)(\\d)', '\\2\\1\\g<0>\\g<1>0', '12', '211210'],
  ['(a)?b', '[\\1]', 'abb', '[a][]'],
  ['x*', '-', 'abxd', '-a-b--d-'],
  ['a|', '-', 'ab', '--b-'],
  ['^', 'p.', 'a', 'p.a'],
  ['\\.', '\\\\', 'a.b', 'a\\b'],
  ['\\.', '\\-$1&', 'a.b', 'a\\-$1&b'],
  ['a', '\\101\\t\\060', 'a', 'A\t0'],
  ['é|😀', '_', 'aé😀b', 'a__b'],
  ['z', '\\0', 'abc', 'abc'],
])('%s by %s in %s', (pattern, template, text, wanted) => {
  expect(substitute(pattern, template, text)).toBe(wanted)
})

test.each([
  ['a', '\\1', 'no group \\1'],
  ['(a)', '\\10', 'no group \\10'],
  ['(a)', '\\g<b>', 'no group \\g<b>'],
  ['(a)', '\\g<>', 'no group \\g<>'],
  ['a', 'b\\', '\\ stands for nothing'],
  ['a', '\\q', '\\q stands for nothing'],
  ['a', '\\g<1', '\\g stands for nothing'],
])('%s by %s is refused in words', (pattern, template, words) => {
  expect(substitute(pattern, template, 'a')).toEqual({ problem: expect.stringContaining(words) as string })
})
