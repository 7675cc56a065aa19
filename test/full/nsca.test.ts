import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { userInfo } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { freePort } from '../harness/free-port.ts'
import { cleanUp, KymoProcess, temporaryDirectory, until } from '../harness/kymo.ts'

const NSCA = '/usr/sbin/nsca'
const hasNsca = existsSync(NSCA)
const why = hasNsca ? '' : ' (skipped: no nsca)'

afterAll(cleanUp)

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => {
      socket.destroy()
      resolve(true)
    })
    socket.on('error', () => resolve(false))
  })
}

describe.skipIf(!hasNsca)(`Debian's NSCA server${why}`, () => {
  test.each([
    ['xor', 1],
    ['none', 0],
  ])('takes results that are encrypted by %s', async (encryption, method) => {
    const directory = temporaryDirectory()
    const port = await freePort()
    const dump = join(directory, 'dump')
    writeFileSync(
      join(directory, 'nsca.cfg'),
      [
        `server_port=${port}`,
        'server_address=127.0.0.1',
        `nsca_user=${userInfo().username}`,
        'nsca_group=root',
        'debug=0',
        `pid_file=${join(directory, 'nsca.pid')}`,
        // There is no Nagios, so results go to a file.
        `command_file=${join(directory, 'none.cmd')}`,
        `alternate_dump_file=${dump}`,
        'aggregate_writes=0',
        'append_to_file=0',
        'max_packet_age=30',
        'password=sesame',
        `decryption_method=${method}`,
        '',
      ].join('\n'),
    )
    const nsca = spawn(NSCA, ['-c', join(directory, 'nsca.cfg'), '-f', '--single'], { stdio: 'ignore' })
    await until('nsca listens', () => accepts(port), 10_000)
    const config = join(directory, 'kymo.yaml')
    writeFileSync(
      config,
      [
        'sinks:',
        '- type: nsca',
        '  host: 127.0.0.1',
        `  port: ${port}`,
        `  encryption: ${encryption}`,
        '  password: sesame',
        '  checks:',
        "  - {match: 'stats.gauges.*.load', host: $1, service: load, warning: '5', critical: '10'}",
        '',
      ].join('\n'),
    )
    const kymo = await KymoProcess.start({ flushInterval: '10s', args: [config] })
    await kymo.udp('web1.load:7|g\nweb2.load:12|g\nother:1|g')
    await until('all three are taken in', async () => {
      const { lines } = await kymo.json<{ lines: { accepted: number } }>('/api/status')
      return lines.accepted === 3
    })
    await kymo.flush()
    await until(
      'both results are there',
      () => existsSync(dump) && readFileSync(dump, 'utf8').split('\n').length > 2,
      20_000,
    )
    const commands = readFileSync(dump, 'utf8')
      .trim()
      .split('\n')
      .map((line) => line.replace(/^\[\d+\] /, ''))
    expect(commands.sort()).toEqual([
      "PROCESS_SERVICE_CHECK_RESULT;web1;load;1;WARNING - stats.gauges.web1.load is 7|'stats.gauges.web1.load'=7;5;10",
      "PROCESS_SERVICE_CHECK_RESULT;web2;load;2;CRITICAL - stats.gauges.web2.load is 12|'stats.gauges.web2.load'=12;5;10",
    ])
    nsca.kill('SIGKILL')
    if (nsca.exitCode === null && nsca.signalCode === null) await once(nsca, 'exit')
  })
})
