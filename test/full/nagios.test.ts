import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { userInfo } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, afterEach, expect, test } from 'vitest'
import { freePort } from '../harness/free-port.ts'
import { cleanUp, KymoProcess, temporaryDirectory, until } from '../harness/kymo.ts'

// A real Nagios, as Debian has it, with a configuration of its own: it runs `kymo check` as a plugin, and is sent results of passive checks
// by the nsca sink through Debian's NSCA server. What it makes of them is in its status file.

const NAGIOS = '/usr/sbin/nagios4'
const NSCA = '/usr/sbin/nsca'
const missing = [NAGIOS, NSCA].filter((program) => !existsSync(program))
const isThere = missing.length === 0
const why = isThere ? '' : ` (skipped: no ${missing.join(' and no ')})`
const KYMO = resolve(import.meta.dirname, '..', '..', 'bin', 'kymo.js')

const DAYS = ['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday']

const ends: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const end of ends.splice(0)) await end()
})
afterAll(cleanUp)

/** Ends with the test. */
function run(program: string, args: readonly string[]): void {
  const child = spawn(program, args, { stdio: 'ignore' })
  ends.push(async () => {
    child.kill('SIGTERM')
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
  })
}

interface Service {
  readonly name: string
  /** The plugin that Nagios runs; left out: results are sent to it. */
  readonly command?: string
}

/** A Nagios of one host, `web1`. */
class Nagios {
  readonly directory = temporaryDirectory()

  get commandFile(): string {
    return join(this.directory, 'nagios.cmd')
  }

  start(services: readonly Service[]): void {
    const at = (name: string): string => join(this.directory, name)
    mkdirSync(at('results'))
    writeFileSync(at('objects.cfg'), objectsOf(services))
    const { username, gid } = userInfo()
    const settings = {
      log_file: at('nagios.log'),
      cfg_file: at('objects.cfg'),
      object_cache_file: at('objects.cache'),
      status_file: at('status.dat'),
      status_update_interval: 1,
      nagios_user: username,
      nagios_group: gid,
      check_external_commands: 1,
      command_file: this.commandFile,
      lock_file: at('nagios.pid'),
      temp_file: at('nagios.tmp'),
      temp_path: this.directory,
      query_socket: at('nagios.qh'),
      check_result_path: at('results'),
      check_result_reaper_frequency: 1,
      state_retention_file: at('retention.dat'),
      interval_length: 1,
      execute_service_checks: 1,
      accept_passive_service_checks: 1,
      use_syslog: 0,
      check_for_updates: 0,
      service_check_timeout: 60,
    }
    const lines = Object.entries(settings).map(([key, value]) => `${key}=${value}`)
    writeFileSync(at('nagios.cfg'), `${lines.join('\n')}\n`)
    const checked = spawnSync(NAGIOS, ['-v', at('nagios.cfg')], { encoding: 'utf8' })
    expect(checked.status, checked.stdout).toBe(0)
    run(NAGIOS, [at('nagios.cfg')])
  }

  /** What it knows of a service; undefined: nothing yet. */
  status(service: string): Readonly<Record<string, string>> | undefined {
    const path = join(this.directory, 'status.dat')
    if (!existsSync(path)) return undefined
    for (const [, block = ''] of readFileSync(path, 'utf8').matchAll(/servicestatus \{\n([^}]*)\}/g)) {
      const fields = Object.fromEntries(
        block.split('\n').map((line): [string, string] => {
          const [key = '', ...value] = line.trim().split('=')
          return [key, value.join('=')]
        }),
      )
      if (fields.service_description === service) return fields
    }
    return undefined
  }
}

function objectsOf(services: readonly Service[]): string {
  const object = (type: string, fields: Readonly<Record<string, string | number>>): string =>
    `define ${type} {\n${Object.entries(fields)
      .map(([key, value]) => `  ${key} ${value}\n`)
      .join('')}}\n`
  const notifying = { contacts: 'nobody', notifications_enabled: 0, notification_period: 'always' }
  return [
    object('timeperiod', {
      timeperiod_name: 'always',
      alias: 'always',
      ...Object.fromEntries(DAYS.map((day) => [day, '00:00-24:00'])),
    }),
    object('command', { command_name: 'nothing', command_line: '/bin/true' }),
    object('contact', {
      contact_name: 'nobody',
      host_notification_commands: 'nothing',
      service_notification_commands: 'nothing',
      host_notification_period: 'always',
      service_notification_period: 'always',
    }),
    object('host', {
      host_name: 'web1',
      address: '127.0.0.1',
      max_check_attempts: 1,
      active_checks_enabled: 0,
      check_command: 'nothing',
      check_period: 'always',
      ...notifying,
    }),
    ...services.flatMap(({ name, command = '/bin/true' }) => [
      object('command', { command_name: `run_${name}`, command_line: command }),
      object('service', {
        host_name: 'web1',
        service_description: name,
        check_command: `run_${name}`,
        max_check_attempts: 1,
        check_interval: 3,
        retry_interval: 3,
        check_period: 'always',
        active_checks_enabled: command === '/bin/true' ? 0 : 1,
        passive_checks_enabled: 1,
        ...notifying,
      }),
    ]),
  ].join('\n')
}

test.skipIf(!isThere)(
  `Nagios runs kymo check, and is sent results by way of NSCA${why}`,
  async () => {
    const nagios = new Nagios()
    const port = await freePort()
    const nscaConfig = join(nagios.directory, 'nsca.cfg')
    writeFileSync(
      nscaConfig,
      [
        `server_port=${port}`,
        'server_address=127.0.0.1',
        `nsca_user=${userInfo().username}`,
        `nsca_group=${userInfo().gid}`,
        'debug=0',
        `pid_file=${join(nagios.directory, 'nsca.pid')}`,
        `command_file=${nagios.commandFile}`,
        `alternate_dump_file=${join(nagios.directory, 'nsca.dump')}`,
        'aggregate_writes=0',
        'append_to_file=0',
        'max_packet_age=30',
        'password=sesame',
        'decryption_method=1',
        '',
      ].join('\n'),
    )
    const sink = {
      type: 'nsca',
      host: '127.0.0.1',
      port,
      encryption: 'xor',
      password: 'sesame',
      checks: [
        { match: 'stats.gauges.*.queue', host: '$1', service: 'queue', warning: '50', critical: '100' },
      ],
    }
    const kymo = await KymoProcess.start({ env: { KYMO_SINKS: JSON.stringify([sink]) } })
    const check = `${process.execPath} ${KYMO} check stats.gauges.web1.load --url ${kymo.url('')} --warning 5 --critical 10`
    nagios.start([{ name: 'load', command: check }, { name: 'queue' }])
    await until('Nagios takes commands', () => existsSync(nagios.commandFile), 30_000)
    run(NSCA, ['-c', nscaConfig, '-f', '--daemon'])

    const stateOf = (service: string): string | undefined => {
      const status = nagios.status(service)
      return status?.has_been_checked === '1' ? status.current_state : undefined
    }
    // It is sent again and again, as programs do: results go to Nagios with each flush.
    const isInState = async (service: string, state: string, values: string): Promise<void> => {
      await until(
        `${service} is in state ${state}`,
        async () => {
          await kymo.udp(values)
          await new Promise((done) => setTimeout(done, 200))
          return stateOf(service) === state
        },
        60_000,
      )
    }

    await isInState('load', '1', 'web1.load:7|g\nweb1.queue:20|g')
    expect(nagios.status('load')).toMatchObject({
      check_type: '0',
      plugin_output: expect.stringMatching(/^WARNING - .*stats\.gauges\.web1\.load.* 7/) as string,
      performance_data: expect.stringMatching(/'?stats\.gauges\.web1\.load'?=7;5;10/) as string,
    })
    await isInState('queue', '0', 'web1.load:7|g\nweb1.queue:20|g')
    expect(nagios.status('queue')).toMatchObject({
      check_type: '1',
      plugin_output: 'OK - stats.gauges.web1.queue is 20',
      performance_data: "'stats.gauges.web1.queue'=20;50;100",
    })
    await isInState('load', '2', 'web1.load:12|g\nweb1.queue:70|g')
    await isInState('queue', '1', 'web1.load:12|g\nweb1.queue:70|g')
    expect(nagios.status('queue')).toMatchObject({ plugin_output: 'WARNING - stats.gauges.web1.queue is 70' })
    await isInState('load', '0', 'web1.load:1|g\nweb1.queue:20|g')
    expect(await kymo.end()).toBe(0)
    await until('what cannot be known is unknown', () => stateOf('load') === '3', 60_000)
  },
  300_000,
)
