// The configuration of a running Kymo is written anew, and it is told to read it: by SIGHUP, as a service is, or by HTTP.
import { execFileSync, spawn } from 'node:child_process'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { LineServer } from '../../src/sinks/testdata/line-server.ts'
import { cleanUp, KymoProcess, type StartOptions, temporaryDirectory, until } from '../harness/kymo.ts'

afterAll(cleanUp)

interface Site {
  readonly kymo: KymoProcess
  readonly file: string
  write(text: string | Uint8Array): void
  /** Writes the file, sends SIGHUP and waits until Kymo has dealt with it; resolves to what it logged. */
  hangUp(text: string): Promise<string>
  /** By HTTP. */
  reload(text?: string): Promise<{ status: number; body: Record<string, unknown> }>
  ownMetric(slot: string): Promise<number>
}

async function start(text: string, options: StartOptions = {}): Promise<Site> {
  const file = join(temporaryDirectory(), 'kymo.yaml')
  const write = (contents: string | Uint8Array): void => writeFileSync(file, contents)
  write(text)
  const kymo = await KymoProcess.start({ ...options, args: [file, ...(options.args ?? [])] })
  return {
    kymo,
    file,
    write,
    async hangUp(contents) {
      write(contents)
      const before = kymo.stderr.length
      kymo.child.kill('SIGHUP')
      const news = (): string => kymo.stderr.slice(before)
      await until('it has dealt with it', () => /read again|cannot be reloaded/.test(news()))
      return news()
    },
    async reload(contents) {
      if (contents !== undefined) write(contents)
      const response = await fetch(kymo.url('/api/reload'), { method: 'POST' })
      return { status: response.status, body: (await response.json()) as Record<string, unknown> }
    },
    async ownMetric(slot) {
      const metrics = await (await fetch(kymo.url('/metrics'))).text()
      return Number(
        metrics
          .split('\n')
          .find((line) => line.startsWith(`${slot} `))
          ?.split(' ')[1],
      )
    },
  }
}

test('under traffic, through reloads of every kind, all that was sent is there, and no timestamp twice', async () => {
  const carbons = [await LineServer.start(), await LineServer.start()]
  const sinks = (port: number | undefined, more = '') =>
    `sinks: [{type: stdout, format: json}, {type: graphite, host: 127.0.0.1, port: ${port}}${more}]\n`
  const [first, second] = carbons.map(({ port }) => sinks(port))
  const site = await start(`${first}`, { flushInterval: '200ms', args: ['--receivers', '2'] })
  const { kymo } = site

  let sent = 0
  let isSending = true
  const stream = connect(kymo.port('statsd'), '127.0.0.1')
  const datagrams = [createSocket('udp4'), createSocket('udp4'), createSocket('udp4')]
  const lines = 'sum:1|c\nlevel:+1|g\ntook:1|ms\n'
  const sending = (async () => {
    while (isSending) {
      stream.write(lines)
      for (const socket of datagrams) socket.send(lines, kymo.port('statsd'), '127.0.0.1')
      sent += 1 + datagrams.length
      await new Promise((resolve) => setTimeout(resolve, 5))
    }
  })()

  const changes = [
    `${second}aggregator: {percentiles: [50, 99], flush_counts: true}\n`,
    'sinks: [\n',
    `${second}limits: {series: 100}\nrules: [{exclude: 'unwanted.*'}]\nstatsd: {name_nodes: 5}\n`,
    `${first}aggregator: {global_prefix: renamed, own_series: false}\n`,
    `${first}log: {level: debug}\nquery: {threads: 2}\nstatsd: {profile: statsd}\nstore: {retention: 30d}\n`,
    `${sinks(carbons[0]?.port, ', {type: stderr, name: added, format: json}')}query: {max_series: 50}\n`,
    `${first}`,
  ]
  for (const change of changes) {
    // Makes the threads hand over what they have, so that the keeper holds some of the open interval as well.
    await kymo.tcp('counters\n', 'admin')
    await site.hangUp(change)
    await new Promise((resolve) => setTimeout(resolve, 250))
  }
  isSending = false
  await sending
  stream.end()
  for (const socket of datagrams) socket.close()
  await kymo.received(sent * 3)
  await kymo.flush()

  expect(await site.ownMetric('kymo_config_reloads_total{result="ok"}')).toBe(changes.length - 1)
  expect(await site.ownMetric('kymo_config_reloads_total{result="failed"}')).toBe(1)
  const names = ['stats', 'renamed']
  const sumOf = async (series: string): Promise<number> => {
    const values = await Promise.all(names.map((name) => kymo.values(`${name}.${series}`)))
    return values.flat().reduce((sum, value) => sum + value, 0)
  }
  expect(await sumOf('counters.sum.count')).toBe(sent)
  expect(await sumOf('timers.took.count')).toBe(sent)
  expect((await kymo.values('stats.gauges.level')).at(-1)).toBe(sent)
  expect((await kymo.values('renamed.gauges.level')).length).toBeGreaterThan(0)
  expect((await kymo.values('stats.timers.took.upper_99')).length).toBeGreaterThan(0)

  // The same at a sink that was there all the time, and at those that took turns.
  expect(await kymo.end()).toBe(0)
  const printed = kymo.stdoutObjects.filter(({ metric }) => metric === 'sum')
  const timestamps = printed.map(({ timestamp }) => timestamp)
  expect(new Set(timestamps).size).toBe(timestamps.length)
  const delivered = carbons
    .flatMap((carbon) => carbon.text.split('\n'))
    .filter((line) => /^(stats|renamed)\.counters\.sum\.count /.test(line))
    .map((line) => Number(line.split(' ')[1]))
  expect(delivered.reduce((sum, value) => sum + value, 0)).toBe(sent)
  for (const carbon of carbons) {
    expect(carbon.text).toMatch(/counters\.sum\.count [1-9]/)
    await carbon.kill()
  }
})

test('SIGHUP changes rules, dialect, the console and the log, but no port', async () => {
  const site = await start('log: {level: warn}\n', { flushInterval: '1d' })
  const { kymo } = site
  await kymo.udp('kept:1|c\nsome.name:1|c')
  await kymo.received(2)
  const log = await site.hangUp(
    [
      'log: {level: info}',
      'rules: [{exclude: secret}, {rename: old, to: new}]',
      'statsd: {unix_framing: lines, name_nodes: 1}',
      'query: {threads: 2}',
      'admin: {writable: true}',
    ].join('\n'),
  )
  expect(log).toContain('"changed":["statsd.name_nodes","admin.writable","rules","log.level"]')
  await until('it is said what waits', () =>
    kymo.stderr.includes('"takes effect at the next start: statsd.unix_framing, query.threads"'),
  )

  await kymo.udp('kept:1|c\nsecret:1|c\nold:1|c\nsome.name:1|c')
  await kymo.received(6)
  await kymo.tcp('kept:1|c\nsecret:1|c\nold:1|c\n')
  await kymo.received(9)
  expect(await kymo.tcp('counters\n', 'admin')).toMatch(/kept: 3,/)
  expect(await kymo.tcp('delcounters kept\n', 'admin')).toContain('deleted: kept')
  await kymo.flush()
  const values = async (name: string) =>
    ((await kymo.render(`stats.counters.${name}.count`, '-1d', '+2d'))[0]?.datapoints ?? [])
      .map(([value]) => value)
      .filter((value) => value !== null)
  expect(await values('kept')).toEqual([])
  expect(await values('some.name')).toEqual([1])
  expect(await values('new')).toEqual([2])
  expect(await values('secret')).toEqual([])
  expect(await kymo.json('/api/status')).toMatchObject({
    configuration: { needRestart: ['statsd.unix_framing', 'query.threads'] },
    lines: { rejectedByReason: { too_many_nodes: 1 } },
  })
  expect(await kymo.tcp('config\n', 'admin')).toMatch(/writable: '?true/)
  expect(await kymo.end()).toBe(0)
})

describe('one Kymo, reloaded over and over', () => {
  let site: Site
  beforeAll(async () => {
    site = await start('', { flushInterval: '1d' })
  })

  test('by HTTP it answers with what changed, what needs a restart, and what is wrong', async () => {
    expect(await site.reload()).toEqual({
      status: 200,
      body: { changed: [], needs_restart: [], warnings: [], rules: null },
    })
    expect(await site.reload('receivers: 3\nquery: {max_points: 5}\n')).toEqual({
      status: 200,
      body: { changed: ['query.max_points'], needs_restart: ['receivers'], warnings: [], rules: null },
    })
    await site.kymo.udp('a:1|c')
    await site.kymo.received(1)
    await site.kymo.flush()
    const response = await fetch(
      site.kymo.url('/render?target=stats.counters.a.count&from=-10d&until=%2B2d&format=json'),
    )
    expect([response.status, await response.json()]).toMatchObject([422, { code: 'too-many-points' }])
    const { status, body } = await site.reload('query:\n  max_points: none\n')
    expect(status).toBe(422)
    expect(body).toMatchObject({
      code: 'config-invalid',
      message: expect.stringContaining('kymo.yaml:2:15'),
    })
  })

  test('sinks come and go, with own metrics; one that is not there any more is drained', async () => {
    const carbon = await LineServer.start()
    const graphite = `{type: graphite, name: carbon, host: 127.0.0.1, port: ${carbon.port}}`
    const { kymo } = site
    const count = async (name: string): Promise<void> => {
      const before = await kymo.json<{ lines: { received: number } }>('/api/status')
      await kymo.udp(`${name}:1|c`)
      await kymo.received(before.lines.received + 1)
      await kymo.flush()
    }
    await count('nowhere')
    await site.reload(`sinks: [${graphite}]\n`)
    await count('there')
    await until('it has come', () => carbon.text.includes('stats.counters.there.count 1'))
    expect(carbon.text).not.toContain('stats.counters.nowhere.count 1')
    expect(await site.ownMetric('kymo_sent_points_total{sink="carbon"}')).toBeGreaterThan(0)
    await site.reload('sinks: []\n')
    await count('gone')
    await until('it is told', async () => (await kymo.json<{ sinks: [] }>('/api/status')).sinks.length === 0)
    await site.reload(`sinks: [${graphite}]\n`)
    await count('back')
    await until('it has come', () => carbon.text.includes('stats.counters.back.count 1'))
    expect(carbon.text).not.toContain('stats.counters.gone.count 1')
    await carbon.kill()
  })

  test('a sink that pointed to the wrong place is put right, and what waited for it arrives', async () => {
    const carbon = await LineServer.start()
    const sink = (port: number) => `sinks: [{type: graphite, host: 127.0.0.1, port: ${port}}]\n`
    // A port that was free a moment ago may be another's by now; at this one nobody listens.
    await site.reload(sink(1))
    await site.kymo.udp('waited:5|c')
    await site.kymo.received(1)
    await site.kymo.flush()
    await until(
      'it fails',
      async () => (await site.ownMetric('kymo_sink_failures_total{sink="graphite"}')) > 0,
    )
    await site.reload(sink(carbon.port))
    await until('it has come', () => carbon.text.includes('stats.counters.waited.count 5'))
    expect(await site.ownMetric('kymo_dropped_points_total{sink="graphite",reason="stopped"}')).toBe(0)
    await carbon.kill()
  })

  test('fifty times at once by SIGHUP and twenty times by HTTP, it ends with what the file says', async () => {
    for (let round = 0; round < 50; round++) {
      site.write(`limits: {series: ${round + 1}}\n`)
      site.kymo.child.kill('SIGHUP')
    }
    const asked = await Promise.all(Array.from({ length: 20 }, () => site.reload()))
    expect(new Set(asked.map(({ status }) => status))).toEqual(new Set([200]))
    expect((await site.reload()).body).toMatchObject({ changed: [] })
    expect(await site.kymo.tcp('config\n', 'admin')).toMatch(/series: 50\b/)
  })

  test('a file that cannot be taken changes nothing, and says why', async () => {
    await site.reload('rules: [{exclude: secret}]\n')
    const failed = await site.ownMetric('kymo_config_reloads_total{result="failed"}')
    const { received } = (await site.kymo.json<{ lines: { received: number } }>('/api/status')).lines
    const refused = async (spoil: () => void, code: string, reason: RegExp): Promise<void> => {
      spoil()
      const before = site.kymo.stderr.length
      site.kymo.child.kill('SIGHUP')
      await until('it is told', () => site.kymo.stderr.slice(before).includes('cannot be reloaded'))
      const news = site.kymo.stderr.slice(before)
      expect(news).toContain(`"code":"${code}"`)
      expect(news).toMatch(reason)
      rmSync(site.file, { recursive: true, force: true })
    }
    await refused(
      () => site.write('log: {level: debug}\nhttp:\n  port: 99999\nfoo: 1\n'),
      'config-invalid',
      /kymo\.yaml:3:9 .*kymo\.yaml:4:1 /,
    )
    await refused(() => site.write(Buffer.from([0xff, 0, 1, 2])), 'config-unreadable', /not UTF-8/)
    await refused(() => {}, 'config-unreadable', /no such file/)
    await refused(() => mkdirSync(site.file), 'config-unreadable', /is a directory/)
    if (process.platform !== 'win32')
      await refused(() => execFileSync('mkfifo', [site.file]), 'config-unreadable', /only once/)
    await site.kymo.udp('secret:1|c\nother:1|c')
    await site.kymo.received(received + 2)
    expect(await site.ownMetric('kymo_excluded_samples_total')).toBe(1)
    expect(await site.ownMetric('kymo_config_reloads_total{result="failed"}')).toBe(
      failed + (process.platform === 'win32' ? 4 : 5),
    )
    expect((await site.reload('rules: []\n')).body).toMatchObject({ changed: ['rules'] })
    expect(await site.kymo.end()).toBe(0)
  })
})

describe('SIGHUP', () => {
  test.skipIf(process.platform !== 'linux')(
    'without a configuration file, while it starts and while it stops, does no harm',
    async () => {
      const kymo = KymoProcess.launch({ flushInterval: '1d' })
      // Node itself takes no signals for its first moments.
      await until('SIGHUP is taken', () => takesHangup(kymo.child.pid))
      while (!kymo.stderr.includes('"event":"ready"')) {
        expect(kymo.child.exitCode ?? kymo.child.signalCode).toBeNull()
        kymo.child.kill('SIGHUP')
        await new Promise((resolve) => setTimeout(resolve, 10))
      }
      await until('it has read again', () => kymo.stderr.includes('read again'))
      expect(kymo.stderr).toContain('"changed":[]')
      const ended = kymo.end('SIGTERM')
      while (kymo.child.exitCode === null && kymo.child.signalCode === null) {
        kymo.child.kill('SIGHUP')
        await new Promise((resolve) => setTimeout(resolve, 1))
      }
      expect(await ended).toBe(0)
    },
  )

  // script(1) makes a terminal, which ends when it does.
  test.skipIf(process.platform !== 'linux' || !hasScript())(
    'of a terminal that is gone stops it',
    async () => {
      const directory = temporaryDirectory()
      const node = process.execPath
      const entry = join(import.meta.dirname, '..', '..', 'bin', 'kymo.js')
      const flags = '--statsd-port 0 --graphite-port 0 --admin-port 0 --http-port 0 --data data'
      const terminal = spawn('script', ['-qfc', `exec ${node} ${entry} ${flags}`, 'typescript'], {
        cwd: directory,
        stdio: ['ignore', 'pipe', 'ignore'],
      })
      let text = ''
      terminal.stdout.on('data', (chunk: Buffer) => (text += chunk.toString()))
      await until('it is ready', () => text.includes('Waiting for the first metric'))
      const pid = Number(/\bpid (\d+)/.exec(text)?.[1])
      process.kill(pid, 'SIGHUP')
      await once(terminal, 'exit')
      expect(text).toContain('stopping')
    },
  )
})

function takesHangup(pid: number | undefined): boolean {
  const caught = /^SigCgt:\s*([0-9a-f]+)$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]
  return (BigInt(`0x${caught ?? '0'}`) & 1n) === 1n
}

function hasScript(): boolean {
  try {
    execFileSync('script', ['--version'], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}
