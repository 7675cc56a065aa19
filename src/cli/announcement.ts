import type { StatusReport } from '../api/services.ts'
import { isLoopback } from '../lib/loopback.ts'
import { escapeForTerminal } from '../telemetry/escape-for-terminal.ts'

/**
 * What Kymo says when it is ready and when the first metric has come: a few calm lines on a terminal, lines of JSON
 * elsewhere. `/api/status` says the same at any time.
 */
export interface FirstMetricNews {
  readonly key: string
  readonly type: string
  readonly afterMs: number
}

export function announceReady(status: StatusReport, isTerminal: boolean): string {
  if (!isTerminal) {
    const { version, pid, nodeVersion, addresses, store, receiver } = status
    const ready = { event: 'ready', version, pid, node: nodeVersion, data: store.path, receiver, addresses }
    return `${JSON.stringify(ready)}\n`
  }
  const { statsd = [], graphite = [], pickle = [], otlp = [], admin = [], http = [] } = status.addresses
  const lines = [
    '',
    `  kymo ${status.version}   node ${status.nodeVersion}   pid ${status.pid}`,
    '',
    serviceLine('StatsD', statsd, status.receiver === 'dgram' ? '  one datagram at a time' : ''),
    serviceLine('Graphite', graphite),
    ...(pickle.length === 0 ? [] : [serviceLine('Pickle', pickle)]),
    ...(otlp.length === 0 ? [] : [serviceLine('OTLP', otlp)]),
    serviceLine('Admin', admin),
    `  ✓ ${'Web, API'.padEnd(9)} ${webAddress(http)}`,
    `  · ${status.store.path === null ? 'keeping nothing (--no-store)' : `data in ${status.store.path}`}, flushing every ${formatSeconds(status.flushIntervalMs)}`,
    `  · ${isLoopbackOnly(statsd) ? 'open to this machine only; --listen 0.0.0.0 opens StatsD and Graphite to others' : 'StatsD and Graphite are open to other machines'}`,
    '',
    `  Send something:   ${tryLine(statsd)}`,
    '  Waiting for the first metric …',
    '',
  ]
  return `${lines.join('\n')}\n`
}

export function announceFirstMetric(
  news: FirstMetricNews,
  status: StatusReport,
  isTerminal: boolean,
): string {
  const url = webAddress(status.addresses.http ?? [])
  if (!isTerminal) {
    const { key, type, afterMs } = news
    return `${JSON.stringify({ event: 'first_metric', metric: key, type, after_ms: afterMs, url })}\n`
  }
  const name = escapeForTerminal(news.key.length > 80 ? `${news.key.slice(0, 79)}…` : news.key)
  return `  ● first metric: ${name} (${news.type}) after ${formatSeconds(news.afterMs)} → ${url}\n`
}

/** One line per service: its transports, then each address once. */
function serviceLine(service: string, urls: readonly string[], remark = ''): string {
  const parsed = urls.filter((url) => !url.startsWith('unix')).map((url) => new URL(url))
  const transports = [...new Set(parsed.map(({ protocol }) => protocol.slice(0, -1)))].join('+')
  const hosts = [...new Set(parsed.map(({ host }) => host))].join('  ')
  const sockets = urls.filter((url) => url.startsWith('unix')).map((url) => `  ${url}`)
  return `  ✓ ${service.padEnd(9)} ${transports.padEnd(8)} ${hosts}${sockets.join('')}${remark}`
}

function webAddress(urls: readonly string[]): string {
  const first = urls[0]
  if (first === undefined) return ''
  const { port, hostname } = new URL(first)
  return isThisMachine(hostname) ? `http://localhost:${port}` : first
}

function tryLine(urls: readonly string[]): string {
  const udp = urls.find((url) => url.startsWith('udp:'))
  if (udp === undefined) return ''
  const { hostname, port } = new URL(udp)
  const host = hostname === '0.0.0.0' ? '127.0.0.1' : hostname.replace(/[[\]]/g, '')
  return `echo "hello:1|c" | nc -u -w0 ${host} ${port}`
}

function isLoopbackOnly(urls: readonly string[]): boolean {
  return urls.every((url) => url.startsWith('unix') || isThisMachine(new URL(url).hostname))
}

/** `hostname` as URLs have it: IPv6 in brackets. */
function isThisMachine(hostname: string): boolean {
  return hostname === 'localhost' || isLoopback(hostname.replace(/[[\]]/g, ''))
}

function formatSeconds(ms: number): string {
  return ms < 1_000 ? `${Math.round(ms)} ms` : `${Number((ms / 1_000).toFixed(ms < 10_000 ? 1 : 0))} s`
}
