import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, afterEach, beforeEach, describe, expect, test } from 'vitest'
import { cleanUp, KymoProcess, temporaryDirectory, until } from '../harness/kymo.ts'
import { hasPrometheus, Prometheus } from '../harness/prometheus.ts'

// A real Prometheus scrapes Kymo, is written to, and writes to it.
const why = hasPrometheus ? '' : ' (skipped: no prometheus)'
const PATIENCE_MS = 60_000

const MAPPING = `
mappings:
- match: "api.*.time"
  name: api_time_seconds
  observer_type: histogram
  histogram_options: {buckets: [0.01, 0.1, 1]}
  labels: {node: "$1"}
- match: "noise.*"
  name: noise
  action: drop
`

const LINES = [
  'hits:3|c|#code:200',
  'hits:1|c|@0.25|#code:200',
  'temp:-12.5|g',
  'users:a|s',
  'users:b|s',
  'took:300|ms',
  'size:7|h',
  'api.web.time:20|ms|@0.5',
  'api.web.time:2000|ms',
  'noise.one:1|c',
  'odd name!:1|c|#tag"x:va"l\\ue',
].join('\n')

/** What Prometheus has of them. */
const VALUES: readonly (readonly [expression: string, value: number])[] = [
  ['hits{code="200"}', 7],
  ['temp', -12.5],
  ['took_sum', 0.3],
  ['took{quantile="0.99"}', 0.3],
  ['size_count', 1],
  ['size_sum', 7],
  ['api_time_seconds_bucket{node="web",le="0.1"}', 2],
  ['api_time_seconds_bucket{node="web",le="+Inf"}', 3],
  ['api_time_seconds_sum{node="web"}', 2.04],
  ['odd_name{tag_x="va\\"l\\\\ue"}', 1],
]

const scrape = (kymo: KymoProcess): string => `
global: {scrape_interval: 1s, scrape_timeout: 1s}
scrape_configs:
- job_name: kymo
  metrics_path: /prometheus
  static_configs: [{targets: ['127.0.0.1:${kymo.port('http')}']}]
`

afterAll(cleanUp)

describe.skipIf(!hasPrometheus)(`Prometheus${why}`, () => {
  const directory = temporaryDirectory()
  let prometheus: Prometheus | undefined
  let kymo: KymoProcess

  const startKymo = async (sinks: string): Promise<void> => {
    writeFileSync(join(directory, 'mapping.yml'), MAPPING)
    writeFileSync(join(directory, 'kymo.yaml'), `sinks:\n${sinks}`)
    kymo = await KymoProcess.start({ cwd: directory })
    await kymo.udp(LINES)
  }
  const expectValues = async (of: Prometheus, values = VALUES): Promise<void> => {
    for (const [expression, value] of values)
      await until(
        `${expression} is ${value}`,
        async () => near(await of.value(expression), value),
        PATIENCE_MS,
      )
    expect(await of.query('{__name__=~"noise.*"}')).toEqual([])
  }

  beforeEach(() => {
    prometheus = undefined
  })

  afterEach(async () => {
    prometheus?.stop()
    await kymo.end()
  })

  test('scrapes it, and writes what it has to it', { timeout: 3 * PATIENCE_MS }, async () => {
    await startKymo('- {type: prometheus, mapping_config: mapping.yml}\n')
    prometheus = await Prometheus.start(`${scrape(kymo)}
remote_write:
- url: ${kymo.url('/api/v1/write')}
  metadata_config: {send: true, send_interval: 1s}
`)
    await expectValues(prometheus)
    expect(await prometheus.value('up{job="kymo"}')).toBe(1)
    const types = (await (await fetch(prometheus.url('/api/v1/metadata'))).json()) as {
      readonly data: Readonly<Record<string, readonly { readonly type: string }[]>>
    }
    expect(types.data.hits?.[0]?.type).toBe('counter')
    expect(types.data.api_time_seconds?.[0]?.type).toBe('histogram')

    const target = `seriesByTag('name=hits','code=200','job=kymo')`
    await until(
      'what Prometheus wrote is stored',
      async () => (await kymo.values(target)).includes(7),
      PATIENCE_MS,
    )
    const failed = await prometheus.value('prometheus_remote_storage_samples_failed_total')
    expect(failed ?? 0).toBe(0)
    expect(prometheus.complaints.filter((line) => line.includes('remote'))).toEqual([])
  })

  test('takes what is written to it', {
    timeout: 3 * PATIENCE_MS,
  }, async () => {
    prometheus = await Prometheus.start('global: {}')
    const url = prometheus.url('/api/v1/write')
    await startKymo(`- {type: prometheus-remote-write, url: "${url}", mapping_config: mapping.yml}\n`)
    await expectValues(prometheus)
    await kymo.udp('hits:10|c|#code:200')
    await until('a counter has risen', async () => (await prometheus?.value('hits')) === 17, PATIENCE_MS)
    await kymo.tcp(`points.of.graphite;host=a 5 ${Math.floor(Date.now() / 1_000)}\n`, 'graphite')
    await expectValues(prometheus, [['points_of_graphite{host="a"}', 5]])
    expect(prometheus.complaints).toEqual([])
  })

  test('scrapes native histograms', { timeout: 3 * PATIENCE_MS }, async () => {
    await startKymo('- {type: prometheus, mapping_config: mapping.yml}\n')
    prometheus = await Prometheus.start(scrape(kymo), ['native-histograms'])
    const others = VALUES.filter(([expression]) => !expression.startsWith('api_time'))
    await expectValues(prometheus, [
      ...others,
      ['histogram_count(api_time_seconds{node="web"})', 3],
      ['histogram_sum(api_time_seconds{node="web"})', 2.04],
    ])
    const median = (await prometheus.value('histogram_quantile(0.5, api_time_seconds)')) ?? 0
    expect(Math.abs(median / 0.02 - 1)).toBeLessThan(0.1)
    expect(prometheus.complaints.filter((line) => line.includes('scrape'))).toEqual([])
  })

  test('reads the mapping again when Kymo does', { timeout: 3 * PATIENCE_MS }, async () => {
    await startKymo('- {type: prometheus, mapping_config: mapping.yml}\n')
    await until('it is exposed', async () => (await exposed(kymo)).includes('\nhits{'), PATIENCE_MS)
    writeFileSync(join(directory, 'mapping.yml'), 'mappings:\n- {match: hits, name: requests_total}\n')
    const reload = (): Promise<Response> => fetch(kymo.url('/api/reload'), { method: 'POST' })
    expect(await (await reload()).json()).toMatchObject({ changed: ['sinks'] })
    await kymo.udp('hits:3|c|#code:200')
    await until(
      'it has its new name',
      async () => (await exposed(kymo)).includes('\nrequests_total{code="200"} 3\n'),
      PATIENCE_MS,
    )
    writeFileSync(join(directory, 'mapping.yml'), 'mappings:\n- {match: hits}\n')
    const refusal = await reload()
    expect([refusal.status, await refusal.json()]).toMatchObject([422, { code: 'mapping-invalid' }])
    expect(await exposed(kymo)).toContain('\nrequests_total{code="200"} 3\n')
  })
})

async function exposed(kymo: KymoProcess): Promise<string> {
  return (await fetch(kymo.url('/prometheus'))).text()
}

function near(value: number | undefined, wanted: number): boolean {
  return value !== undefined && Math.abs(value - wanted) < 1e-9
}
