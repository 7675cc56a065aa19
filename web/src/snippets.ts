import { isAnyAddress, isLoopback, joinHostPort, parseAddress } from './addresses.ts'

/** Lines to copy that send one metric, with this Kymo's own address in them. */
export interface Snippet {
  readonly id: string
  readonly label: string
  /** What has to be there first; '' for nothing. */
  readonly install: string
  readonly code: string
}

export interface SendTo {
  readonly host: string
  readonly port: number
}

export function createSnippets(
  addresses: Readonly<Record<string, readonly string[]>>,
  pageHost: string,
): Snippet[] {
  const statsd = chooseTarget(addresses.statsd ?? [], 'udp', pageHost)
  const graphite = chooseTarget(addresses.graphite ?? [], 'tcp', pageHost)
  return [...(statsd ? statsdSnippets(statsd) : []), ...(graphite ? [graphiteSnippet(graphite)] : [])]
}

/**
 * The address a sender should use. What listens everywhere is reached under the name this page was opened with;
 * what listens on one address only there. IPv4 first: some clients still speak nothing else.
 */
export function chooseTarget(
  urls: readonly string[],
  transport: string,
  pageHost: string,
): SendTo | undefined {
  const candidates = urls.map(parseAddress).filter((address) => address?.transport === transport)
  const chosen = candidates.find((address) => address?.host.includes(':') === false) ?? candidates[0]
  if (chosen === undefined) return undefined
  if (!isAnyAddress(chosen.host)) return { host: chosen.host, port: chosen.port }
  return { host: hostOfPage(pageHost), port: chosen.port }
}

/** The page's host goes into shell lines: only plain names and addresses do. */
function hostOfPage(pageHost: string): string {
  const host = pageHost.replace(/^\[|\]$/g, '')
  if (host === '' || isLoopback(host) || !/^[\w.:-]+$/.test(host) || host.startsWith('-')) return '127.0.0.1'
  return host
}

function statsdSnippets({ host, port }: SendTo): Snippet[] {
  return [
    {
      id: 'shell',
      label: 'Shell',
      install: '',
      code: `echo "hello:1|c" | nc -u -w0 ${host} ${port}`,
    },
    {
      id: 'node',
      label: 'Node',
      install: 'npm install hot-shots',
      code: [
        `import { StatsD } from 'hot-shots'`,
        '',
        `const statsd = new StatsD({ host: '${host}', port: ${port} })`,
        `statsd.increment('hello')`,
        `statsd.close()`,
      ].join('\n'),
    },
    {
      id: 'python',
      label: 'Python',
      install: 'pip install statsd',
      code: [
        'import statsd',
        '',
        `client = statsd.StatsClient('${host}', ${port}${host.includes(':') ? ', ipv6=True' : ''})`,
        `client.incr('hello')`,
      ].join('\n'),
    },
    {
      id: 'go',
      label: 'Go',
      install: 'go get github.com/DataDog/datadog-go/v5/statsd',
      code: [
        `client, err := statsd.New("${joinHostPort(host, port)}", statsd.WithoutTelemetry())`,
        'if err != nil {',
        '\tlog.Fatal(err)',
        '}',
        'defer client.Close()',
        'client.Incr("hello", nil, 1)',
      ].join('\n'),
    },
    {
      id: 'ruby',
      label: 'Ruby',
      install: 'gem install statsd-ruby',
      code: [`require 'statsd'`, '', `Statsd.new('${host}', ${port}).increment('hello')`].join('\n'),
    },
    {
      id: 'java',
      label: 'Java',
      install: 'com.datadoghq:java-dogstatsd-client',
      code: [
        'StatsDClient statsd = new NonBlockingStatsDClientBuilder()',
        `    .hostname("${host}")`,
        `    .port(${port})`,
        '    .enableTelemetry(false)',
        '    .build();',
        'statsd.increment("hello");',
        'statsd.close();',
      ].join('\n'),
    },
    {
      id: 'php',
      label: 'PHP',
      install: 'composer require league/statsd',
      code: [
        '$statsd = new League\\StatsD\\Client();',
        `$statsd->configure(['host' => '${host}', 'port' => ${port}]);`,
        `$statsd->increment('hello');`,
      ].join('\n'),
    },
  ]
}

function graphiteSnippet({ host, port }: SendTo): Snippet {
  return {
    id: 'graphite',
    label: 'Graphite',
    install: '',
    code: `echo "shop.temp 21.5 $(date +%s)" | nc -w0 ${host} ${port}`,
  }
}
