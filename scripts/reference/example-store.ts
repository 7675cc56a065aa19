import { expandBraces } from '../../src/lib/brace-expansion.ts'
import { compilePathGlob } from '../../src/lib/glob.ts'
import { compileLinearRegex } from '../../src/lib/linear-regex.ts'
import { matchesPath } from '../../src/lib/path-states.ts'
import { parseSeriesKey } from '../../src/model/series-key.ts'
import { untypedIdentity } from '../../src/model/untyped-identity.ts'
import type { StoreAccess } from '../../src/store/access.ts'
import type { CatalogEntry } from '../../src/store/catalog.ts'

const HOSTS = '{web1,web2,web3,db1}'
const NAMES = [
  `servers.${HOSTS}`,
  'servers.{web1,web2,web3,web4,web5,db1,db2}.load',
  `servers.${HOSTS}.{uptime,bytes_sent,requests,latency,errors,version,used,size}`,
  `servers.${HOSTS}.cpu`,
  `servers.${HOSTS}.cpu.{user,system}`,
  `servers.${HOSTS}.memory.free`,
  `servers.${HOSTS}.disk.{used,free,size}`,
  `servers.${HOSTS}.net.bytes_out`,
  'servers.{eu,us}.{web1,web2}.load',
  'users.{YWxpY2U=,Ym9i}.logins',
  'shop.{books,music,toys}.orders',
  'shop.latency.{min,max}',
  'mining.{carbon,gold}.{extracted,shipped}',
  'latency.bucket.{5,10,25,50,100,250}',
  'stats.timers.api.{web1,web2}.sketch.p5_{190,196,202,206,210,213,215,217,218,219,220,221,222,223,224}',
  'radio.{am,fm}.power',
  '{a,b}.{x,y}',
].flatMap((pattern) => {
  const expansion = expandBraces(pattern)
  return expansion.isExpanded ? expansion.texts : []
})
const TAGGED = ['eu-1', 'eu-2', 'us-1'].map(
  (datacenter, index) => `cpu;datacenter=${datacenter};host=web${index + 1}`,
)

/** Some hosts have more to do than others, and one has far more. */
const BUSY: readonly (readonly [node: string, busy: number])[] = [
  ['web1', 2],
  ['web2', 1.5],
  ['web3', 2.5],
  ['web4', 0],
  ['web5', 3],
  ['db1', 14],
]
const DAY_SECONDS = 86_400
/** A step of the values: what lies in between is drawn with a line. */
const NOISE_SECONDS = 300

/** Series as examples name them, at any time: any exact name is one, and globs find those that examples are about. */
export const EXAMPLE_STORE: StoreAccess = {
  findNodes: async () => [],
  async findSeries(pattern) {
    const glob = compilePathGlob(pattern)
    if (!glob.isCompiled) throw new Error(`the pattern ${pattern} ${glob.limit}`)
    const found = NAMES.filter((name) => matchesPath(glob.alternatives, name.split('.')))
    return (found.length > 0 || /[*?[{]/.test(pattern) ? found : [pattern]).sort().map(entryOf)
  },
  async findSeriesByTags(expressions) {
    return TAGGED.filter((key) => {
      const { name, tags } = parseSeriesKey(key)
      const values = new Map([...tags, ['name', name]])
      return expressions.every((expression) => {
        const [, tag = '', not, isPattern, wanted = ''] = /^([^!=]+)(!?)=(~?)(.*)$/.exec(expression) ?? []
        const value = values.get(tag) ?? ''
        return matches(value, wanted, isPattern === '~') !== (not === '!')
      })
    }).map(entryOf)
  },
  tags: async () => [],
  tagValues: async () => [],
  metrics: async () => [],
  async findEventTimes({ startMs, endMs }) {
    const times = [0.2, 0.55, 0.9].map((part) => startMs + part * (endMs - startMs))
    return times.map((timeMs) => Math.round(timeMs)).reverse()
  },
  reader: {
    async *read({ series, range, stepMs }) {
      for (const { key } of series) {
        const count = Math.round((range.endMs - range.startMs) / stepMs)
        const values = Float64Array.from({ length: count }, (_, slot) =>
          valueAt(key, (range.startMs + slot * stepMs) / 1_000),
        )
        yield { key, startMs: range.startMs, stepMs, values }
      }
    },
    close: async () => {},
  },
}

function matches(value: string, wanted: string, isPattern: boolean): boolean {
  if (!isPattern) return value === wanted
  const regex = compileLinearRegex(`^(?:${wanted})`)
  return !('problem' in regex) && regex.test(value)
}

function entryOf(key: string): CatalogEntry {
  return { identity: untypedIdentity(key), firstSeenMs: 0, lastSeenMs: 0 }
}

function valueAt(key: string, seconds: number): number {
  const seed = hashOf(key)
  const day = (seconds / DAY_SECONDS) * 2 * Math.PI
  const noise = noiseAt(seed, seconds)
  const wave = Math.sin(day - (seed % 5) / 2)
  switch (key.slice(key.lastIndexOf('.') + 1)) {
    case 'uptime':
    case 'bytes_sent':
      return Math.floor((seconds % (9 * 3_600)) * (1_000 + (seed % 7) * 100) * (1 + 0.02 * noise))
    case 'errors':
      return noise < 0.75 ? Number.NaN : Math.floor(noise * 8)
    case 'version':
      return 4 + (Math.floor((seconds + (seed % 9) * 3_600) / 30_000) % 3)
    case 'size':
      return 500
    case 'used':
      return 300 + (seed % 60) + ((seconds / 3_600) % 168) * 0.6 + noise
    case 'latency':
    case 'min':
      return Math.round(120 + 60 * wave + noise * 40)
    case 'max':
      return Math.round(260 + 80 * wave + noise * 90)
    case 'deploys':
    case 'web1':
      return noise > 0.985 ? 1 : key.startsWith('deploys') ? 0 : Math.round(40 + 20 * wave + 8 * noise)
    case 'day_begins':
      return seconds % DAY_SECONDS < NOISE_SECONDS ? 1 : 0
    case 'count':
    case 'orders':
    case 'requests':
    case 'visits':
      return Math.round(60 + 40 * wave + noise * 20)
    case 'free':
      return 200 - ((seconds / 3_600) % 168) * 0.6 - noise
    default: {
      // Now and then a value is missing.
      const busy = BUSY.find(([node]) => key.includes(`.${node}`))?.[1] ?? (seed % 5) / 2
      return noise > 0.97 ? Number.NaN : Number((1.6 + busy + (1 + busy / 4) * wave + noise).toFixed(2))
    }
  }
}

function hashOf(text: string): number {
  let hash = 2_166_136_261
  for (let index = 0; index < text.length; index++)
    hash = Math.imul(hash ^ text.charCodeAt(index), 16_777_619)
  return hash >>> 0
}

/** From 0 to 1, the same for a series and a time. */
function noiseAt(seed: number, seconds: number): number {
  let mixed = Math.imul(seed ^ Math.floor(seconds / NOISE_SECONDS), 0x85eb_ca6b)
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2_ae35)
  return ((mixed ^ (mixed >>> 16)) >>> 0) / 2 ** 32
}
