import { describe, expect, test } from 'vitest'
import { chooseTarget, createSnippets } from './snippets.ts'

const LOOPBACK = {
  statsd: ['udp://[::1]:8125', 'udp://127.0.0.1:8125', 'tcp://127.0.0.1:8125'],
  graphite: ['tcp://127.0.0.1:2003', 'udp://127.0.0.1:2003'],
  http: ['http://127.0.0.1:8080'],
}

function codeOf(id: string, addresses: Record<string, string[]> = LOOPBACK, pageHost = 'localhost') {
  return createSnippets(addresses, pageHost).find((snippet) => snippet.id === id)?.code
}

test('the shell lines can be pasted as they are', () => {
  expect(codeOf('shell')).toBe('echo "hello:1|c" | nc -u -w0 127.0.0.1 8125')
  expect(codeOf('graphite')).toBe('echo "shop.temp 21.5 $(date +%s)" | nc -w0 127.0.0.1 2003')
})

test('every StatsD snippet names host and port', () => {
  for (const { id, code } of createSnippets({ statsd: ['udp://10.0.0.7:18125'] }, 'localhost')) {
    expect(code, id).toContain('10.0.0.7')
    expect(code, id).toContain('18125')
  }
})

test('what is not listened to is not offered', () => {
  expect(createSnippets({ graphite: ['tcp://127.0.0.1:2003'] }, 'localhost').map(({ id }) => id)).toEqual([
    'graphite',
  ])
  expect(createSnippets({ statsd: ['tcp://127.0.0.1:8125'] }, 'localhost')).toEqual([])
  expect(createSnippets({}, 'localhost')).toEqual([])
})

describe('the host to send to', () => {
  const cases: [what: string, urls: string[], pageHost: string, host: string | undefined][] = [
    ['loopback, IPv4 first', ['udp://[::1]:8125', 'udp://127.0.0.1:8125'], 'localhost', '127.0.0.1'],
    ['loopback, though the page has another name', ['udp://127.0.0.1:8125'], 'metrics.example', '127.0.0.1'],
    ['IPv6 only', ['udp://[::1]:8125'], 'localhost', '::1'],
    ['everywhere: the name of the page', ['udp://0.0.0.0:8125'], 'metrics.example', 'metrics.example'],
    ['everywhere: the address of the page', ['udp://[::]:8125'], '[fd00::7]', 'fd00::7'],
    ['everywhere, page on localhost', ['udp://0.0.0.0:8125'], 'localhost', '127.0.0.1'],
    ['everywhere, page from a file', ['udp://0.0.0.0:8125'], '', '127.0.0.1'],
    ['everywhere, a host that a shell would run', ['udp://0.0.0.0:8125'], 'a$(reboot).example', '127.0.0.1'],
    ['everywhere, a host that looks like an option', ['udp://0.0.0.0:8125'], '-e.example', '127.0.0.1'],
    ['one address', ['udp://192.168.1.5:8125'], 'localhost', '192.168.1.5'],
    ['nothing readable', ['nonsense', 'udp://'], 'localhost', undefined],
  ]
  test.each(cases)('%s', (_what, urls, pageHost, host) => {
    expect(chooseTarget(urls, 'udp', pageHost)?.host).toBe(host)
  })
})

test('an IPv6 host gets its brackets where host and port are one text', () => {
  const addresses = { statsd: ['udp://[::1]:8125'] }
  expect(codeOf('go', addresses)).toContain('"[::1]:8125"')
  expect(codeOf('shell', addresses)).toContain('nc -u -w0 ::1 8125')
  expect(codeOf('python', addresses)).toContain(`'::1', 8125, ipv6=True`)
})
