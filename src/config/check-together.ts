import { isLoopback, LOOPBACK_HOSTS } from '../lib/loopback.ts'
import { type Layer, locate } from './layer.ts'
import type { Path, Problem } from './problem.ts'
import { formatPath, quote } from './problem.ts'
import { toRetentions } from './retention-option.ts'
import { childOf } from './schema-node.ts'
import type { Config } from './config.ts'
import type { ConfigValues } from './schema.ts'
import { namedSinks, peersOf } from '../sinks/options.ts'
import type { Source } from './source.ts'

/** What is wrong between options that are each right by themselves. */
export function checkTogether(
  values: ConfigValues,
  config: Config,
  sourceOf: (path: Path) => Source,
): Problem[] {
  const problems: Problem[] = []
  const report = (path: Path, text: string): void => {
    problems.push({ source: sourceOf(path), key: formatPath(path), text })
  }

  // HTTP, gRPC, the console and pickles use TCP alone, StatsD and Graphite both: any two of them collide.
  const services: readonly {
    readonly name: string
    readonly path: Path
    readonly port: number | undefined
  }[] = [
    ...(['statsd', 'graphite', 'admin', 'http'] as const).map((name) => ({
      name,
      path: [name, 'port'],
      port: values[name].port,
    })),
    { name: 'pickle', path: ['graphite', 'pickle_port'], port: values.graphite.pickle_port },
    { name: 'otlp', path: ['otlp', 'grpc_port'], port: values.otlp.grpc_port },
  ]
  for (const [index, later] of services.entries()) {
    const earlier = services.slice(0, index).find(({ port }) => port === later.port)
    if (earlier === undefined || later.port === undefined || later.port === 0) continue
    const isLaterGiven = sourceOf(later.path).kind !== 'default'
    const [blamed, other] = isLaterGiven ? [later, earlier] : [earlier, later]
    report(blamed.path, `found ${blamed.port}, which is the port of ${other.name} already`)
  }

  const names = new Map<string, number>([['store', -1]])
  for (const [index, sink] of values.sinks.entries()) {
    for (const { name } of namedSinks(sink)) {
      const first = names.get(name)
      if (first === undefined) names.set(name, index)
      else if (first < 0) report(['sinks', index], `is named "store", which is the name of Kymo's own`)
      else
        report(['sinks', index], `is named ${quote(name)}, as sinks[${first}] is; give it a name of its own`)
    }
  }

  const { graphite, statsd, otlp, http } = config
  const intakes = {
    graphite: { name: 'Graphite', ports: [graphite.port, graphite.picklePort] },
    statsd: { name: 'StatsD', ports: [statsd.port] },
    'otlp-grpc': { name: 'OTLP', ports: [otlp.grpcPort] },
    'otlp-http': { name: 'OTLP', ports: [http.port] },
  }
  for (const [index, sink] of values.sinks.entries()) {
    const own = peersOf(sink).find(({ host, port, wire }) => {
      return intakes[wire].ports.includes(port) && isThisMachine(host, config)
    })
    if (own === undefined) continue
    report(
      ['sinks', index],
      `sends to port ${own.port} of this machine, which is Kymo's own ${intakes[own.wire].name} intake: everything would go round for ever`,
    )
  }

  const { misfit } = toRetentions(values.store.retention, values.flush.interval)
  if (misfit !== undefined && sourceOf(['store', 'retention']).kind !== 'default')
    report(['store', 'retention'], misfit)
  if (config.store.retentionMs < values.flush.interval)
    report(['store', 'retention'], 'is shorter than flush.interval')
  return problems
}

function isThisMachine(host: string, config: Config): boolean {
  const names = ['localhost', '0.0.0.0', '::', ...LOOPBACK_HOSTS, ...config.intakeHosts]
  return names.includes(host) || isLoopback(host)
}

/** Addresses of HTTP that other machines can reach although nobody allowed it. */
export function hostsOpenByAccident({ http }: Config): string[] {
  return http.insecureOpen ? [] : http.hosts.filter((host) => !isLoopback(host))
}

/** What is allowed but worth a word. */
export function listWarnings(config: Config): string[] {
  const warnings: string[] = []
  const openIntake = config.intakeHosts.filter((host) => !isLoopback(host))
  if (openIntake.length > 0) {
    warnings.push(
      `${config.otlp.grpcPort === undefined ? 'StatsD and Graphite' : 'StatsD, Graphite and OTLP'} are received on ${openIntake.join(', ')}: whoever can reach it can send metrics, as there are no passwords.`,
    )
  }
  const openHttp = config.http.hosts.filter((host) => !isLoopback(host))
  if (openHttp.length > 0) {
    warnings.push(
      `HTTP is served on ${openHttp.join(', ')} without credentials: whoever can reach it can read and change everything.`,
    )
  }
  if (!config.store.enabled && config.sinks.length === 0) {
    warnings.push('Nothing is kept and nothing is passed on: the store is off and there are no sinks.')
  }
  return warnings
}

/** Where the value in force came from; `default` if no source gave it. */
export function createSourceOf(layers: readonly Layer[], merged: unknown): (path: Path) => Source {
  return (path) =>
    path.reduce<unknown>(childOf, merged) === undefined ? { kind: 'default' } : locate(layers, path)
}
