import { spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { once } from 'node:events'
import { join } from 'node:path'
import { freePort } from './free-port.ts'
import { temporaryDirectory, until } from './kymo.ts'

const CARBON = '/usr/bin/carbon-cache'
// Debian's whisper belongs to Debian's Python, whatever other Python comes first on the path.
const PYTHON = '/usr/bin/python3'

export const hasCarbon = existsSync(CARBON)

/** Debian's carbon-cache on free ports, writing whisper files that are read back with the real whisper. */
export class Carbon {
  readonly port: number
  readonly picklePort: number
  readonly directory: string
  readonly #child: ChildProcess
  readonly #storage: string

  private constructor(ports: { line: number; pickle: number }, child: ChildProcess, directory: string) {
    this.port = ports.line
    this.picklePort = ports.pickle
    this.#child = child
    this.directory = directory
    this.#storage = join(directory, 'whisper')
  }

  /** `again`: on the ports and with the files of one that was stopped. */
  static async start(port?: number, again?: Carbon): Promise<Carbon> {
    const directory = again?.directory ?? temporaryDirectory()
    const line = again?.port ?? port ?? (await freePort())
    const [pickle, cacheQuery] = [again?.picklePort ?? (await freePort()), await freePort()]
    mkdirSync(join(directory, 'whisper'), { recursive: true })
    writeFileSync(join(directory, 'storage-schemas.conf'), '[all]\npattern = .*\nretentions = 1s:1h\n')
    writeFileSync(
      join(directory, 'carbon.conf'),
      [
        '[cache]',
        `STORAGE_DIR = ${directory}/`,
        `CONF_DIR = ${directory}/`,
        `LOG_DIR = ${directory}/`,
        `PID_DIR = ${directory}/`,
        `LOCAL_DATA_DIR = ${directory}/whisper/`,
        'MAX_CREATES_PER_MINUTE = inf',
        'MAX_UPDATES_PER_SECOND = inf',
        'LINE_RECEIVER_INTERFACE = 127.0.0.1',
        `LINE_RECEIVER_PORT = ${line}`,
        'PICKLE_RECEIVER_INTERFACE = 127.0.0.1',
        `PICKLE_RECEIVER_PORT = ${pickle}`,
        'CACHE_QUERY_INTERFACE = 127.0.0.1',
        `CACHE_QUERY_PORT = ${cacheQuery}`,
        'ENABLE_TAGS = False',
        'ENABLE_LOGROTATION = False',
        'USER =',
        '',
      ].join('\n'),
    )
    const child = spawn(CARBON, [`--config=${join(directory, 'carbon.conf')}`, '--nodaemon', 'start'], {
      stdio: 'ignore',
    })
    await until('carbon listens', () => accepts(line), 30_000)
    return new Carbon({ line, pickle }, child, directory)
  }

  /** All that it has a file of, below a name. */
  metrics(below: string): string[] {
    const start = join(this.#storage, below)
    if (!existsSync(start)) return []
    return readdirSync(start, { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.wsp'))
      .map((file) => `${below}.${file.slice(0, -'.wsp'.length).replaceAll('/', '.')}`)
      .sort()
  }

  /** The values of a metric that are not null, oldest first; empty while there is no file. */
  values(metric: string, fromSeconds: number, untilSeconds: number): number[] {
    const file = join(this.#storage, `${metric.replaceAll('.', '/')}.wsp`)
    if (!existsSync(file)) return []
    const script =
      'import json, sys, whisper; print(json.dumps(whisper.fetch(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))[1]))'
    const result = spawnSync(PYTHON, ['-c', script, file, String(fromSeconds), String(untilSeconds)], {
      encoding: 'utf8',
    })
    if (result.status !== 0) return []
    return (JSON.parse(result.stdout) as (number | null)[]).filter((value) => value !== null)
  }

  async stop(): Promise<void> {
    if (this.#child.exitCode !== null) return
    this.#child.kill('SIGKILL')
    await once(this.#child, 'exit')
  }
}

const CARBON_RELAY = '/usr/bin/carbon-relay'

/** Debian's carbon-relay, which sends what it is sent by pickle, as the file of its destinations says. Returns its port for lines. */
export async function startCarbonRelay(
  destinations: readonly string[],
  settings: readonly string[] = [],
): Promise<{ readonly port: number; stop(): Promise<void> }> {
  const directory = temporaryDirectory()
  const [line, pickle] = [await freePort(), await freePort()]
  writeFileSync(join(directory, 'storage-schemas.conf'), '')
  writeFileSync(
    join(directory, 'carbon.conf'),
    [
      '[relay]',
      `STORAGE_DIR = ${directory}/`,
      `CONF_DIR = ${directory}/`,
      `LOG_DIR = ${directory}/`,
      `PID_DIR = ${directory}/`,
      'LINE_RECEIVER_INTERFACE = 127.0.0.1',
      `LINE_RECEIVER_PORT = ${line}`,
      'PICKLE_RECEIVER_INTERFACE = 127.0.0.1',
      `PICKLE_RECEIVER_PORT = ${pickle}`,
      'RELAY_METHOD = consistent-hashing',
      `DESTINATIONS = ${destinations.join(', ')}`,
      'CARBON_METRIC_INTERVAL = 0',
      'ENABLE_LOGROTATION = False',
      'USER =',
      ...settings,
      '',
    ].join('\n'),
  )
  const child = spawn(CARBON_RELAY, [`--config=${join(directory, 'carbon.conf')}`, '--nodaemon', 'start'], {
    stdio: 'ignore',
  })
  await until('carbon-relay listens', () => accepts(line), 30_000)
  return {
    port: line,
    async stop() {
      child.kill('SIGKILL')
      await once(child, 'exit')
    },
  }
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1')
    socket.on('connect', () => {
      socket.destroy()
      resolve(true)
    })
    socket.on('error', () => resolve(false))
  })
}
