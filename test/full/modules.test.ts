// Sinks that are not Kymo's own, in whole processes: modules, and the backends that come with etsy/statsd.
import { readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { afterAll, describe, expect, test } from 'vitest'
import { LineServer } from '../../src/sinks/testdata/line-server.ts'
import { whyNoEtsy } from '../harness/etsy.ts'
import { cleanUp, KymoProcess, temporaryDirectory, until } from '../harness/kymo.ts'

afterAll(cleanUp)

/** A file in a new directory, with a module beside it. */
function place(config: string, modules: Readonly<Record<string, string>> = {}): string {
  const directory = temporaryDirectory()
  for (const [name, text] of Object.entries(modules)) writeFileSync(join(directory, name), text)
  const file = join(directory, 'kymo.yaml')
  writeFileSync(file, config)
  return file
}

const PASSES_ON = `
import { appendFileSync } from 'node:fs'
export const create = ({ file }) => ({
  packets: ({ bytes, ends, senders }) => {
    let start = 0
    for (const [index, end] of ends.entries()) {
      appendFileSync(file, JSON.stringify([Buffer.from(bytes.subarray(start, end)).toString(), senders[index].address]) + '\\n')
      start = end
    }
  },
})`

describe('a module', () => {
  test('is given what comes by UDP, TCP and HTTP as it came, and nothing before it asks', async () => {
    const heard = join(temporaryDirectory(), 'heard')
    const file = place(`sinks: [{module: ./own.mjs, packets: true, options: {file: ${heard}}}]\n`, {
      'own.mjs': PASSES_ON,
    })
    const kymo = await KymoProcess.start({ args: [file] })
    await until('it is loaded', () => kymo.stderr.includes('a module is loaded'))
    await kymo.udp('a:1|c\nb:2|g')
    await kymo.udp('no line at all\n')
    await kymo.tcp('c:3|ms\nd:4|s\ne:5')
    await fetch(kymo.url('/api/write/statsd'), { method: 'POST', body: 'f:6|c\n' })
    await kymo.tcp('not.for.statsd 1 -1\n', 'graphite')
    const lines = (): unknown[] => {
      try {
        return readFileSync(heard, 'utf8')
          .split('\n')
          .slice(0, -1)
          .map((line) => JSON.parse(line) as unknown)
      } catch {
        return []
      }
    }
    await until('all is there', () => lines().length >= 5)
    expect(lines()).toHaveLength(5)
    for (const text of ['a:1|c\nb:2|g', 'no line at all', 'c:3|ms\nd:4|s', 'e:5', 'f:6|c'])
      expect(lines()).toContainEqual([text, expect.stringMatching(/127\.0\.0\.1|::1/)])
    expect(await kymo.end()).toBe(0)
  })

  test('that loops, exits and throws keeps nothing else from working', async () => {
    const modules = {
      'loops.mjs': 'export const create = () => ({ flush() { for (;;); } })',
      'exits.mjs': 'export const create = () => ({ flush() { process.exit(9) } })',
      'throws.mjs':
        'setTimeout(() => { throw new Error("aside") }, 50)\nexport const create = () => ({ flush() { throw undefined } })',
      'broken.mjs': 'this is no JavaScript',
    }
    const bad = Object.keys(modules).map(
      (name) => `  - {module: ./${name}, name: ${name.split('.')[0]}, timeout: 300ms}\n`,
    )
    const file = place(`sinks:\n${bad.join('')}  - {type: stdout, format: json}\n`, modules)
    const kymo = await KymoProcess.start({ args: [file] })
    for (let round = 0; round < 3; round++) {
      await kymo.udp(`round.${round}:1|c`)
      await kymo.received(round + 1)
      await kymo.flush()
    }
    await until('the other sink has all', () =>
      [0, 1, 2].every((round) => kymo.stdout.includes(`round.${round}`)),
    )
    for (const name of ['loops', 'exits', 'throws', 'broken'])
      await until(`${name} is told and counted`, async () => {
        const metrics = await (await fetch(kymo.url('/metrics'))).text()
        return new RegExp(`kymo_module_restarts_total\\{sink="${name}"\\} [1-9]`).test(metrics)
      })
    expect(kymo.stderr).toContain('"code":"module-unloadable","sink":"broken"')
    expect(kymo.stderr).toContain('"code":"module-ended","sink":"exits"')
    expect((await fetch(kymo.url('/health'))).status).toBe(200)
    expect(await kymo.end()).toBe(0)
  })
})

describe.skipIf(whyNoEtsy() !== undefined)(
  `the backends of etsy/statsd${whyNoEtsy() === undefined ? '' : `: ${whyNoEtsy()}`}`,
  () => {
    const directory = resolve(import.meta.dirname, '../../bench/rivals')

    test('console prints, graphite sends what the sink of Kymo sends, repeater repeats', async () => {
      const [theirs, ours] = [await LineServer.start(), await LineServer.start()]
      const repeated = createSocket('udp4')
      const heard: string[] = []
      repeated.on('message', (message) => heard.push(message.toString()))
      repeated.bind(0, '127.0.0.1')
      await once(repeated, 'listening')
      const backend = `type: statsd-backend, directory: ${directory}`
      const file = place(`aggregator: {legacy_namespace: true}
sinks:
  - {${backend}, module: statsd/backends/console, name: console}
  - {${backend}, module: statsd/backends/graphite, name: theirs, config: {graphiteHost: 127.0.0.1, graphitePort: ${theirs.port}}}
  - {${backend}, module: statsd/backends/repeater, name: repeater, packets: true, config: {repeater: [{host: 127.0.0.1, port: ${repeated.address().port}}]}}
  - {type: graphite, name: ours, host: 127.0.0.1, port: ${ours.port}}
`)
      const kymo = await KymoProcess.start({ args: [file], flushInterval: '10s' })
      await until('they are loaded', () => kymo.stderr.split('a module is loaded').length > 3)
      await kymo.udp('c:3|c\ng:-4|g\nt:1|ms\nt:2|ms\nt:30|ms\ns:a|s\ns:b|s')
      await kymo.received(7)
      await kymo.flush()
      await until('all have it', () =>
        [theirs, ours].every(({ lines }) => lines.some((line) => line.startsWith('stats.sets.s'))),
      )
      const named = (lines: readonly string[]): string[] =>
        lines.filter((line) => !line.includes('statsd.')).toSorted()
      await until('theirs is what ours is', () => named(theirs.lines).length >= named(ours.lines).length)
      expect(named(theirs.lines)).toEqual(named(ours.lines))
      await until('console has printed', () => kymo.stdout.includes('pctThreshold'))
      expect(kymo.stdout).toContain('Flushing stats at')
      expect(kymo.stdout).toContain('timers: { t: [ 1, 2, 30 ] }')
      await until('the packet is repeated', () => heard.length > 0)
      expect(heard).toEqual(['c:3|c\ng:-4|g\nt:1|ms\nt:2|ms\nt:30|ms\ns:a|s\ns:b|s'])
      await until('the console says what they say of themselves', async () =>
        /^graphite\.last_flush: \d+$/m.test(await kymo.tcp('stats\nquit\n', 'admin')),
      )
      repeated.close()
      expect(await kymo.end()).toBe(0)
      await Promise.all([theirs.kill(), ours.kill()])
    })
  },
)
