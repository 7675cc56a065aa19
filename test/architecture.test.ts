import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { expect, test } from 'vitest'

// The walls of ARCHITECTURE.md, checked. A folder may import from itself and from the folders listed for it.
const below = ['lib', 'model']
const described = [...below, 'formats', 'telemetry']
const machines = [
  'listeners',
  'admission',
  'aggregator',
  'sinks',
  'store',
  'query',
  'graph',
  'admin',
  'dashboards',
]
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  lib: [],
  model: ['lib'],
  formats: below,
  telemetry: below,
  listeners: described,
  admission: described,
  aggregator: described,
  sinks: described,
  store: described,
  query: described,
  graph: described,
  admin: described,
  dashboards: described,
  api: [...described, ...machines],
  config: described,
  workers: [...described, ...machines, 'api', 'config'],
  roles: [...described, ...machines, 'api', 'config', 'workers'],
  cli: [...described, ...machines, 'api', 'config', 'workers', 'roles'],
  main: [...described, 'config', 'roles', 'cli'],
}

// The only sideways edges between machines: contracts, never an implementation.
const SIDEWAYS: readonly { from: RegExp; to: RegExp; reason: string }[] = [
  {
    from: /^sinks\/store(\.test)?\.ts$/,
    to: /^store\/(engine|catalog|index)\.ts$/,
    reason: 'the store is a sink like any other',
  },
  {
    from: /^query\//,
    to: /^store\/(engine|catalog|events|access|rules\/index)\.ts$/,
    reason: 'queries read by the contracts of the store',
  },
  {
    from: /^config\//,
    to: /^sinks\/(options|define-sink)\.ts$/,
    reason: 'the configuration is composed of the options that sinks declare',
  },
  {
    from: /^config\//,
    to: /^admission\/options\.ts$/,
    reason: 'the configuration is composed of the options that admission declares',
  },
  {
    from: /^config\//,
    to: /^aggregator\/options\.ts$/,
    reason: 'and of those that the aggregator declares',
  },
  { from: /^config\//, to: /^admin\/options\.ts$/, reason: 'and of those that the console declares' },
  {
    from: /^config\//,
    to: /^sinks\/prometheus\/mapping(-file)?\.ts$/,
    reason: 'a mapping file is checked before anything takes it up',
  },
  {
    from: /^config\//,
    to: /^store\/rules\/index\.ts$/,
    reason: 'files of rules are checked before anything takes them up',
  },
]

interface Import {
  readonly from: string
  readonly to: string
  readonly isType: boolean
}

const root = resolve(import.meta.dirname, '..')
const source = join(root, 'src')
const files = readdirSync(source, { recursive: true, encoding: 'utf8' })
  .filter((path) => path.endsWith('.ts'))
  .map((path) => path.replaceAll('\\', '/'))
const texts = new Map(files.map((path) => [path, readFileSync(join(source, path), 'utf8')]))
const imports = files.flatMap(importsOf)
const isTest = (path: string): boolean =>
  /\.(test|conformance)\.ts$/.test(path) || path.includes('/testdata/')

test('every folder imports only from the folders below it', () => {
  const broken = imports
    .filter(({ from, to }) => !isTest(from) && !isAllowed(from, to))
    .map(({ from, to }) => {
      const allowed = MAY_IMPORT[folderOf(from)]
      return `src/${from} imports src/${to}: ${folderOf(from)}/ may import from ${allowed?.join(', ') || 'nothing of ours'}`
    })
  expect(broken).toEqual([])
})

test('there are no cycles', () => {
  const edges = new Map<string, string[]>()
  for (const { from, to, isType } of imports) {
    if (!isType && !isTest(from)) edges.set(from, [...(edges.get(from) ?? []), to])
  }
  expect(findCycle(edges)).toBeUndefined()
})

test('the environment, the exit and the clock are touched only at the edges', () => {
  const edges: readonly { use: RegExp; allowed: RegExp; reason: string }[] = [
    { use: /\bprocess\.env\b/, allowed: /^main\.ts$/, reason: 'main.ts hands the environment to config/' },
    { use: /\bprocess\.exit\b/, allowed: /^main\.ts$/, reason: 'only main.ts ends the process' },
    { use: /\bDate\.now\(|\bnew Date\(\)/, allowed: /^lib\/clock\.ts$/, reason: 'a Clock is passed in' },
    {
      use: /\bset(Timeout|Interval|Immediate)\(/,
      allowed: /^lib\/clock\.ts$/,
      reason: 'a Clock is passed in, so that tests can hold the hands',
    },
    {
      use: /(?<![\w/'-])console\./,
      allowed: /^$/,
      reason: 'telemetry/log.ts is the log; commands write to the streams they are given',
    },
    { use: /\beval\(|new Function\(/, allowed: /^$/, reason: 'nothing received is ever code' },
    {
      use: /node:vm/,
      allowed: /^lib\/shrink-heap\.ts$/,
      reason: 'the same; the garbage collector has no other door',
    },
  ]
  const broken = files
    .filter((path) => !isTest(path))
    .flatMap((path) => {
      const code = withoutComments(texts.get(path) ?? '')
      return edges
        .filter(({ use, allowed }) => use.test(code) && !allowed.test(path))
        .map(({ use, reason }) => {
          return `src/${path} uses ${use.source}: ${reason}`
        })
    })
  expect(broken).toEqual([])
})

test('what is loaded in every thread, or before the first socket is open, is little', () => {
  const dear = [
    'pino',
    'zod',
    'yaml',
    'fastify',
    '@fastify/swagger',
    'fastify-type-provider-zod',
    'node:http',
    '@resvg/resvg-wasm',
  ]
  const light = [
    { entry: 'workers/keeper.ts', reason: 'threads are given a configuration that has been checked' },
    { entry: 'workers/receiver.ts', reason: 'threads are given a configuration that has been checked' },
    { entry: 'workers/stream.ts', reason: 'threads are given a configuration that has been checked' },
    { entry: 'workers/query.ts', reason: 'threads are given a configuration that has been checked' },
    { entry: 'workers/delivery.ts', reason: 'threads are given a configuration that has been checked' },
    { entry: 'main.ts', reason: 'commands are loaded when they are run' },
    { entry: 'cli/start.ts', reason: 'the threads that take in are started before the rest is loaded' },
  ]
  const broken = light.flatMap(({ entry, reason }) =>
    dear.flatMap((name) => {
      const chain = findChain(entry, name)
      return chain === undefined
        ? []
        : [`${chain.map((path) => `src/${path}`).join(' > ')} loads ${name}: ${reason}`]
    }),
  )
  expect(broken).toEqual([])
})

test('no file has grown past 500 lines', () => {
  const long = files.filter((path) => !isTest(path) && (texts.get(path) ?? '').split('\n').length > 500)
  expect(long).toEqual([])
})

test('no name says nothing', () => {
  expect(
    files.filter((path) => /(^|\/)(utils?|helpers?|common|misc|manager|base)(\.|\/)/.test(path)),
  ).toEqual([])
})

test('the test itself sees the code', () => {
  expect(files.length).toBeGreaterThan(20)
  expect(imports.length).toBeGreaterThan(20)
  expect(isAllowed('lib/clock.ts', 'model/point.ts')).toBe(false)
  expect(isAllowed('store/index.ts', 'query/consolidate.ts')).toBe(false)
  expect(isAllowed('query/graphite/evaluate.ts', 'store/access.ts')).toBe(true)
  expect(findChain('cli/serve.ts', 'zod')?.[0]).toBe('cli/serve.ts')
})

function importsOf(from: string): Import[] {
  const text = withoutComments(texts.get(from) ?? '')
  const found: Import[] = []
  for (const match of text.matchAll(
    /(?:^|\n)\s*(import|export)\s+(type\s+)?[^;'"]*?from\s+'(\.[^']+)'|import\('(\.[^']+)'\)/g,
  )) {
    const specifier = match[3] ?? match[4] ?? ''
    const to = relative(source, resolve(source, dirname(from), specifier)).replaceAll('\\', '/')
    if (!to.startsWith('..')) found.push({ from, to, isType: match[2] !== undefined })
  }
  return found
}

function folderOf(path: string): string {
  return path.includes('/') ? (path.split('/', 1)[0] ?? '') : path.replace(/\.ts$/, '')
}

function isAllowed(from: string, to: string): boolean {
  if (folderOf(from) === folderOf(to)) return true
  if (MAY_IMPORT[folderOf(from)]?.includes(folderOf(to)) === true) return true
  return SIDEWAYS.some((edge) => edge.from.test(from) && edge.to.test(to))
}

function withoutComments(text: string): string {
  return text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/(^|\s)\/\/.*$/gm, '$1')
}

/** How a file comes to load a package, by imports that are followed as soon as it is loaded. */
function findChain(entry: string, name: string): string[] | undefined {
  const seen = new Set<string>()
  function visit(path: string, chain: readonly string[]): string[] | undefined {
    if (seen.has(path)) return undefined
    seen.add(path)
    const here = [...chain, path]
    const text = withoutComments(texts.get(path) ?? '')
    const loaded = [...text.matchAll(/(?:^|\n)(?:import|export)\s+(?!type\b)(?:[^;'"]*?from\s+)?'([^']+)'/g)]
    for (const [, specifier = ''] of loaded) {
      if (specifier === name) return here
      const next = relative(source, resolve(source, dirname(path), specifier)).replaceAll('\\', '/')
      const found = specifier.startsWith('.') ? visit(next, here) : undefined
      if (found !== undefined) return found
    }
    return undefined
  }
  return visit(entry, [])
}

function findCycle(edges: ReadonlyMap<string, readonly string[]>): string[] | undefined {
  const done = new Set<string>()
  function visit(node: string, path: readonly string[]): string[] | undefined {
    if (path.includes(node)) return [...path.slice(path.indexOf(node)), node]
    if (done.has(node)) return undefined
    for (const next of edges.get(node) ?? []) {
      const cycle = visit(next, [...path, node])
      if (cycle !== undefined) return cycle
    }
    done.add(node)
    return undefined
  }
  for (const node of edges.keys()) {
    const cycle = visit(node, [])
    if (cycle !== undefined) return cycle
  }
  return undefined
}
