import type { Random } from '../random.ts'

// What lines of all protocols are made of. Each kind has a share that is as it should be and one that is not, so that most
// lines get past the first check of a decoder and the others fail at every place there is.

/** How often a piece is one that a decoder has to refuse, or to make something else of. */
export const ODD_SHARE = 0.06

export function name(random: Random): string {
  if (random.chance(ODD_SHARE)) return oddName(random)
  // Few enough that names come again and again: what is remembered between lines must be right as well.
  return `${random.pick(AREAS)}.${random.pick(THINGS)}.n${random.below(40)}`
}

export function number(random: Random): string {
  if (random.chance(ODD_SHARE)) return random.pick(ODD_NUMBERS)
  return random.pick(NUMBERS)(random)
}

/** Not negative, which times may not be. */
export function magnitude(random: Random): string {
  const text = number(random)
  return random.chance(0.95) ? text.replace(/^[+-]+/, '') : text
}

/** Seconds since 1970: long ago, so that what is made of them does not depend on when it is sent. */
export function seconds(random: Random): string {
  if (random.chance(ODD_SHARE)) return random.pick(ODD_TIMES)
  return String(1_700_000_000 + random.below(3_600))
}

export function tagKey(random: Random): string {
  return random.chance(ODD_SHARE) ? random.pick(ODD_TAG_TEXTS) : random.pick(TAG_KEYS)
}

export function tagValue(random: Random): string {
  return random.chance(ODD_SHARE) ? random.pick(ODD_TAG_TEXTS) : random.pick(TAG_VALUES)
}

/** How many tags a line has; now and then around the limit of 64, and far beyond. */
export function tagCount(random: Random): number {
  return random.chance(0.01) ? random.pick([63, 64, 65, 300]) : random.between(1, 5)
}

/** Title, text, member of a set, host, message: whatever people write. */
export function freeText(random: Random): string {
  return random.pick(FREE_TEXTS)
}

function oddName(random: Random): string {
  if (random.chance(0.1)) return 'n'.repeat(random.pick([1_023, 1_024, 1_025, 20_000]))
  if (random.chance(0.1)) return 'n.'.repeat(random.pick([63, 64, 65, 5_000]))
  return random.pick(ODD_NAMES)
}

const AREAS = ['api', 'Api2', 'db_pool', 'queue-1', 'web.front', 'z']
const THINGS = ['get', 'put', 'size', 'a', 'count', 'upper_90', 'rate', 'time.to.first.byte']

const ODD_NAMES = [
  '',
  ' ',
  '.',
  '..',
  'a..b',
  '.a.',
  'a b',
  'a \t  b',
  'a/b',
  'a%b&c$',
  '$$$',
  '_',
  '-',
  '_e',
  '_sc',
  '_e{',
  '__proto__',
  'constructor.prototype',
  'toString',
  '../../etc/passwd',
  'a=b',
  'a,b',
  'a#b',
  'cpu[0]',
  'cpu[]',
  'a]b[c',
  'a[b',
  'größe.naïve.日本',
  '💥.boom',
  '\ufeffbom',
  'right\u202eleft\u200f',
  'line\u2028break',
  '<script>',
  '*.{a,b}.?',
  'a@b',
  '42',
  '1e5',
  'n.count',
]

const NUMBERS: readonly ((random: Random) => string)[] = [
  () => '1',
  (random) => String(random.below(1_000)),
  (random) => String(random.below(1_000)),
  (random) => String(random.next() * 1_000),
  (random) => (random.next() * 100).toFixed(2),
  (random) => String(-random.below(50)),
  (random) => `+${random.below(50)}`,
  (random) => (random.next() * 1e9).toExponential(3),
  (random) => `${random.below(9)}.`,
  (random) => `.${random.below(99)}`,
  (random) => random.pick(EXTREME_NUMBERS),
]

/** Finite, all of them. */
const EXTREME_NUMBERS = [
  '0',
  '-0',
  '+0',
  '-0.0',
  '000007',
  '9007199254740993',
  '-9007199254740993',
  '1e308',
  '-1.7976931348623157e308',
  '5e-324',
  '1e-400',
  '0e999999999999',
  '9'.repeat(308),
  `0.${'0'.repeat(300)}1`,
  `1${'0'.repeat(400)}e-400`,
]

const ODD_NUMBERS = [
  '',
  ' ',
  '+',
  '-',
  '.',
  '+.',
  '--1',
  '+-1',
  '1-',
  '1e',
  '1e+',
  'e5',
  '1.2.3',
  '1e5.5',
  '1 ',
  ' 1',
  '1\t',
  '0x10',
  '0b1',
  '1_000',
  '1,5',
  '1n',
  'NaN',
  'nan',
  'Infinity',
  '-inf',
  '1e309',
  '-1e999',
  '9'.repeat(400),
  '1e999999999999999999999',
  '١٢٣',
  'null',
  'true',
  'x',
  '{}',
]

const ODD_TIMES = [
  '',
  '0',
  '1',
  '-1',
  '-5',
  '+1700000000',
  '1700000000.5',
  '1700000000000',
  '99999999999',
  '253402300800',
  '1e9',
  '9'.repeat(300),
  'now',
  'NaN',
]

const TAG_KEYS = ['env', 'host', 'zone', 'a', 'b', 'c', 'k.with.points', 'Upper-Case_1']
const TAG_VALUES = ['prod', 'dev', 'web1', 'web2', 'eu-1', '1', '1.5', 'a:b', 'http://x/y', 'größe']

const ODD_TAG_TEXTS = [
  '',
  ' ',
  'two words',
  'a=b',
  'a;b',
  ';',
  '=',
  ':',
  '#',
  '##',
  '~',
  '~~a',
  '!a^',
  '!',
  '{a}',
  '[a]',
  '\ufeff',
  '\u202eabc',
  '\u2028',
  '💥',
  '__proto__',
  'true',
  'dd.internal.entity_id',
  'dd.internal.card',
  'dd.internal.jmx_check_name',
  't'.repeat(199),
  't'.repeat(200),
  't'.repeat(201),
  't'.repeat(9_000),
  'ä'.repeat(100),
]

const FREE_TEXTS = [
  'joe',
  'Ann',
  '42',
  '-5',
  '1.0',
  '',
  'x y',
  'of web1\\nas planned',
  'größe',
  '💥',
  'a|b',
  'a:b:c',
  '#',
  '\\',
  '\\\\n',
  '__proto__',
  '<b onmouseover=alert(1)>',
  'long '.repeat(200),
]
