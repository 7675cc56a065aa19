import { afterAll, beforeAll, expect, test } from 'vitest'
import { HttpTestServer } from '../../src/sinks/testdata/http-server.ts'
import { cleanUp, KymoProcess, until } from '../harness/kymo.ts'

// A real Kymo with all sinks that send by HTTP, each to a server of its own that takes everything: what it was sent reaches them all.

const TYPES = ['cloudwatch', 'datadog', 'elasticsearch', 'http', 'influxdb', 'newrelic', 'otlp'] as const
type Type = (typeof TYPES)[number]

const OPTIONS: Readonly<Record<Type, object>> = {
  cloudwatch: { region: 'eu-central-1', access_key_id: 'AKIDEXAMPLE', secret_access_key: 'a-key' },
  datadog: { api_key: 'a-key' },
  elasticsearch: { api_key: 'a-key' },
  http: { signing_key: 'a-key' },
  influxdb: { token: 'a-key' },
  newrelic: { api_key: 'a-key' },
  otlp: { headers: { 'api-key': 'a-key' }, protocol: 'http/json', events: 'logs' },
}

const REPLIES: Readonly<Record<Type, { status: number; body?: string }>> = {
  cloudwatch: { status: 200, body: '{}' },
  datadog: { status: 202 },
  elasticsearch: { status: 200, body: '{"errors":false}' },
  http: { status: 200 },
  influxdb: { status: 204 },
  newrelic: { status: 202 },
  otlp: { status: 200, body: '{}' },
}

const servers = new Map<Type, HttpTestServer>()
let kymo: KymoProcess

beforeAll(async () => {
  for (const type of TYPES) servers.set(type, await HttpTestServer.start(() => REPLIES[type]))
  const sinks = TYPES.map((type) => ({ type, url: servers.get(type)?.url, ...OPTIONS[type] }))
  kymo = await KymoProcess.start({
    env: { KYMO_SINKS: JSON.stringify(sinks), KYMO_AGGREGATOR_OWN_SERIES: 'false' },
    flushInterval: '1s',
    args: ['--no-store'],
  })
})

afterAll(async () => {
  cleanUp()
  for (const server of servers.values()) await server.stop()
})

function bodiesOf(type: Type): string {
  return servers.get(type)?.bodies.join('\n') ?? ''
}

test('all that Kymo is sent reaches every sink that sends by HTTP', async () => {
  await kymo.udp(
    [
      'api.hits:3|c|#env:prod',
      'api.size:5|d|@0.5',
      'api.time:7|ms',
      '_e{6,4}:deploy|text|#env:prod',
      '_sc|disk|2|#env:prod',
    ].join('\n'),
  )
  await kymo.tcp(`site.visits 17 ${Math.floor(Date.now() / 1000)}\n`, 'graphite')
  await kymo.received(6)
  await kymo.flush()
  const wanted: Readonly<Record<Type, readonly RegExp[]>> = {
    cloudwatch: [
      /"Dimensions":\[\{"Name":"env","Value":"prod"\}\][^{}]*"Value":3/,
      /"StatisticValues":\{[^}]*"SampleCount":2,[^}]*"Sum":10/,
      /"MetricName":"site\.visits"/,
    ],
    datadog: [
      /"metric":"api\.hits","type":1,"interval":1,"points":\[\{"timestamp":\d{10},"value":3\}\],"tags":\["env:prod"\]/,
      /"metric":"api\.size","type":"distribution","points":\[\[\d{10},\[5,5\]\]\]/,
      /"metric":"api\.time\.max"/,
      /"metric":"site\.visits","type":3/,
      /"title":"deploy"/,
      /"check":"disk"/,
    ],
    elasticsearch: [
      /"metric":"api\.hits","type":"counter","tags":\{"env":"prod"\},"statistics":\{"rate":3,"count":3\}/,
      /"metric":"site\.visits"/,
      /"kind":"service_check","title":"disk"/,
    ],
    http: [
      /"kind":"flush","timestamp":\d{10},"interval_ms":1000,"metrics":\[/,
      /"metric":"api\.size"/,
      /"events":\[/,
    ],
    influxdb: [
      /^api\.hits,env=prod,metric_type=counter rate=3,count=3 \d{13}$/m,
      /^events,/m,
      /^site\.visits value=17/m,
    ],
    newrelic: [
      /"name":"api\.time","type":"summary","value":\{"count":1,"sum":7,"min":7,"max":7\}/,
      /"name":"site\.visits"/,
    ],
    otlp: [
      /"name":"api\.hits","unit":"","sum":\{[^}]*"env"/,
      /"name":"api\.size","unit":"","exponentialHistogram":/,
      /"name":"api\.time","unit":"ms","exponentialHistogram":/,
      /"name":"site\.visits","unit":"","gauge":/,
      /"eventName":"deploy"/,
    ],
  }
  for (const type of TYPES)
    for (const pattern of wanted[type])
      await until(`${type} has ${pattern}`, () => pattern.test(bodiesOf(type)))
  // Of a distribution Datadog is sent the values alone.
  expect(bodiesOf('datadog')).not.toContain('api.size.')

  const printed = JSON.stringify(await kymo.json('/api/status'))
  expect(printed + kymo.stderr + kymo.stdout).not.toContain('a-key')
})

test('one that is down holds up no other, and gets everything when it is back', async () => {
  const influxdb = servers.get('influxdb')!
  const before = influxdb.requests.length
  influxdb.reply = () => ({ status: 503, headers: { 'retry-after': '1' } })
  await until('it was asked', () => influxdb.requests.length > before)
  await kymo.udp('first:1|c')
  await kymo.received(7)
  await kymo.flush()
  await until('the others have it', () => /"metric":"first"/.test(bodiesOf('http')))
  const whileDown = influxdb.requests.length
  influxdb.reply = () => ({ status: 204 })
  await kymo.udp('second:1|c')
  await until('it has the first, which waited, and the second', () => {
    const bodies = influxdb.bodies.slice(whileDown).join('')
    return /^first,\S+ rate=1,count=1/m.test(bodies) && /^second,\S+ rate=1,count=1/m.test(bodies)
  })
  expect(await kymo.end()).toBe(0)
})
