import { Random } from './random.ts'

/**
 * All types, rates, tags and odd names, the same lines each time. Those of the profile `default` mean the same to etsy's
 * statsd and to Kymo; those of `statsd` have what only Kymo's profile of that name takes as etsy does besides.
 */
export function createStatsdLines(count: number, profile: 'default' | 'statsd'): string[] {
  const source = new Random(0x5eed)
  const random = () => source.next()
  const pick = <Item>(items: readonly Item[]): Item => items[Math.floor(random() * items.length)] as Item
  const number = () => pick(NUMBERS)(random)
  // Of a gauge, so that a sum in another order differs by less than anybody would notice.
  const level = () => pick(NUMBERS.slice(0, -1))(random)
  const rate = () => pick(RATES)
  const name = () =>
    random() < 0.1 ? pick(ODD_NAMES) : `${pick(AREAS)}.${pick(VERBS)}.${Math.floor(random() * 90)}`
  const tags = () => (random() < 0.3 ? `|#${pick(allTags)}` : '')
  const allTags = profile === 'statsd' ? [...TAGS, ...ETSY_TAGS] : TAGS
  const kinds: (() => string)[] = [
    () => `${name()}:${number()}|c${rate()}${tags()}`,
    () => `${name()}:1|c${tags()}`,
    () => `${name()}:${number().replace('-', '')}|ms${rate()}${tags()}`,
    () => `${name()}:${level()}|g${tags()}`,
    () => `${name()}:${pick(['+', '-'])}${level().replace('-', '')}|g${tags()}`,
    () => `${name()}:${pick(MEMBERS)}${Math.floor(random() * 20)}|s${tags()}`,
    () => `${name()}:${number()}|c${rate()}:${number().replace('-', '')}|ms${rate()}:${level()}|g`,
  ]
  // What is no type of etsy's is a counter.
  if (profile === 'statsd')
    kinds.push(() => `${name()}:${number()}|${pick(['h', 'd', 'm', 'C', 'x'])}${rate()}${tags()}`)
  return Array.from({ length: count }, () => pick(kinds)())
}

const AREAS = ['api', 'Api2', 'db_pool', 'queue-1', 'web.front', 'z']
const VERBS = ['get', 'put', 'time', 'size', 'a', 'count', 'upper_90', 'rate']
const RATES = ['', '', '', '|@0.1', '|@0.5', '|@0.3', '|@1', '|@.25', '|@0.001', '|@1.0']
const TAGS = [
  'env:prod',
  'env:dev',
  'host:web1,env:prod',
  'a:1,b:2,c:3',
  'z:last,a:first',
  'canary',
  'env:prod,canary',
]
const ETSY_TAGS = ['url:/a b/', 'x:y:z', 'q:a=b', 'price:5$', 'Odd Key:1']
const MEMBERS = ['joe', 'Ann', 'x y', '#', '/', 'umlaut', '-5', '1.0', '__proto__']
const ODD_NAMES = [
  'odd name',
  'odd/path/api',
  'odd  two\tblanks',
  'odd$%&name!',
  'odd(api)',
  '123',
  '007',
  'odd..nodes',
  'odd_-_.x',
  'UPPER.Case',
  'odd@home',
  'odd\'quote"',
  'odd*?[a]{b}',
  'odd\\back',
  'odd<script>',
  'x'.repeat(300),
  '_',
  '-',
]
const NUMBERS: readonly ((random: () => number) => string)[] = [
  (random) => String(Math.floor(random() * 1000)),
  (random) => String(random() * 1000),
  (random) => (random() * 100).toFixed(2),
  (random) => String(-Math.floor(random() * 50)),
  (random) => (random() * 1e9).toExponential(3),
  (random) => `${Math.floor(random() * 9)}.`,
  () => '0',
  () => '.5',
  () => '1e-7',
  () => '9007199254740993',
]
