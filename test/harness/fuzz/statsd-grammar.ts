import type { Random } from '../random.ts'
import {
  freeText,
  magnitude,
  name,
  number,
  ODD_SHARE,
  seconds,
  tagCount,
  tagKey,
  tagValue,
} from './pieces.ts'

/** One line by the rule of docs/formats/statsd.md, in any of its dialects; now and then with a piece that is none of the rule's. */
export function statsdLine(random: Random): string {
  const kind = random.next()
  if (kind < 0.04) return event(random)
  if (kind < 0.07) return serviceCheck(random)
  const nameWithTags = random.chance(0.25) ? taggedName(random) : name(random)
  if (kind < 0.2) return `${nameWithTags}:${packed(random)}`
  if (kind < 0.33) return `${nameWithTags}:${chained(random)}`
  return `${nameWithTags}:${single(random)}`
}

function single(random: Random): string {
  const type = typeOf(random)
  return `${value(random, type)}|${type}${fields(random)}`
}

/** `12:15:9|ms|@0.5|#env:prod`. */
function packed(random: Random): string {
  const type = typeOf(random)
  const values = Array.from({ length: manyOf(random) }, () =>
    random.chance(0.05) ? '' : value(random, type),
  )
  return `${values.join(':')}|${type}${fields(random)}`
}

/** `1|c:12|ms|@0.5:7|g|#env:prod`. */
function chained(random: Random): string {
  const links = Array.from({ length: manyOf(random) }, () => {
    const type = typeOf(random)
    return `${value(random, type)}|${type}${random.chance(0.4) ? rate(random) : ''}`
  })
  return links.join(':') + (random.chance(0.5) ? `|#${tagList(random)}` : '') + fields(random, 0.1)
}

function typeOf(random: Random): string {
  return random.chance(ODD_SHARE / 2) ? random.pick(ODD_TYPES) : random.pick(TYPES)
}

function value(random: Random, type: string): string {
  if (type === 's') return freeText(random)
  if (type === 'ms') return magnitude(random)
  if (type === 'g' && random.chance(0.4)) return `${random.pick(['+', '-'])}${magnitude(random)}`
  return number(random)
}

function manyOf(random: Random): number {
  return random.chance(0.005) ? random.between(100, 3_000) : random.between(2, 5)
}

/** What stands behind the type: each kind of field more or less often, in any order, some twice. */
function fields(random: Random, share = 1): string {
  const found: string[] = []
  if (random.chance(0.3 * share)) found.push(rate(random))
  if (random.chance(0.4 * share)) found.push(`|#${tagList(random)}`)
  if (random.chance(0.05 * share)) found.push(`|T${seconds(random)}`)
  if (random.chance(0.08 * share)) found.push(`|c:${random.pick(ORIGINS)}`)
  if (random.chance(0.04 * share)) found.push(`|e:${random.pick(ORIGINS)}`)
  if (random.chance(0.04 * share))
    found.push(`|card:${random.pick(['none', 'low', 'orchestrator', 'high', ''])}`)
  if (random.chance(0.04 * share)) found.push(random.pick(ODD_FIELDS))
  if (random.chance(0.03 * share)) found.push(rate(random), `|#${tagList(random)}`)
  return (random.chance(0.5) ? random.shuffle(found) : found).join('')
}

function rate(random: Random): string {
  return `|@${random.chance(ODD_SHARE) ? random.pick(ODD_RATES) : random.pick(RATES)}`
}

/** DogStatsD's: `env:prod,canary`. */
function tagList(random: Random): string {
  return Array.from({ length: tagCount(random) }, () => tag(random, ':')).join(',')
}

function tag(random: Random, separator: string): string {
  const start = random.chance(0.03) ? '#' : ''
  return start + tagKey(random) + (random.chance(0.1) ? '' : separator + tagValue(random))
}

/** The name with tags in one of the four notations that stand in names, or in several of them. */
function taggedName(random: Random): string {
  let text = name(random)
  do text = random.pick(NAME_NOTATIONS)(random, text)
  while (random.chance(0.1))
  return text
}

const NAME_NOTATIONS: readonly ((random: Random, text: string) => string)[] = [
  (random, text) => `${text};${nameTags(random, ';')}`, // Graphite
  (random, text) => `${text},${nameTags(random, ',')}`, // Influx
  (random, text) => `${text}#${nameTags(random, ',')}`, // Librato
  (random, text) => {
    const at = random.below(text.length + 1)
    return `${text.slice(0, at)}[${nameTags(random, ',')}]${text.slice(at)}` // SignalFx
  },
]

function nameTags(random: Random, separator: string): string {
  return Array.from({ length: tagCount(random) }, () => tag(random, '=')).join(separator)
}

function event(random: Random): string {
  const [title, text] = [freeText(random), freeText(random)]
  const lengths = [title, text].map((part) => Buffer.byteLength(part) + wrongBy(random))
  return `_e{${lengths.join(',')}}:${title}|${text}${eventFields(random, ['d', 'h', 'k', 'p', 's', 't'])}`
}

function serviceCheck(random: Random): string {
  const status = random.chance(ODD_SHARE) ? random.pick(['4', '-1', '', '00', 'ok']) : random.below(4)
  return `_sc|${name(random)}|${status}${eventFields(random, ['d', 'h', 'm'])}`
}

function wrongBy(random: Random): number {
  return random.chance(ODD_SHARE) ? random.pick([-1, 1, 1_000_000, -5]) : 0
}

function eventFields(random: Random, marks: readonly string[]): string {
  const found = random
    .shuffle(marks)
    .slice(random.below(marks.length + 1))
    .map((mark) => `|${mark}:${eventField(random, mark)}`)
  if (random.chance(0.4)) found.push(`|#${tagList(random)}`)
  if (random.chance(0.1)) found.push(random.pick(ODD_FIELDS))
  return found.join('')
}

function eventField(random: Random, mark: string): string {
  if (mark === 'd') return seconds(random)
  if (mark === 'p') return random.pick(['normal', 'low', 'high', ''])
  if (mark === 't') return random.pick(['error', 'warning', 'info', 'success', 'fatal', ''])
  return freeText(random)
}

const TYPES = ['c', 'c', 'c', 'g', 'g', 'ms', 'ms', 'h', 'd', 's', 'm']
const ODD_TYPES = ['', 'C', 'zz', ' c', 'c ', 'msx', 'm s', '|', 'k', '\u0000', 'ä', 'c'.repeat(500)]
const RATES = ['0.1', '0.5', '1', '.25', '0.001', '1.0', '1e-3', '1e-300', '+0.5', '0.3333333333333333']
const ODD_RATES = [
  '',
  '0',
  '-0',
  '2',
  '-0.5',
  'x',
  'NaN',
  '1e-320',
  '1e-400',
  '0.5 ',
  '0,5',
  '0.1@0.2',
  '1e999',
]
const ORIGINS = ['', 'ci-1234', 'in-42', 'it-false,cn-web,pu-1', 'a:b', ':', '#', 'ä'.repeat(50)]
const ODD_FIELDS = [
  '|',
  '||||',
  '|x',
  '|x:y',
  '|:',
  '|@',
  '|#',
  '|T',
  '|#,',
  '|#,,,:,',
  '|@0.1:2|c',
  '|#a:1:2|c',
  '|\u0000',
]
