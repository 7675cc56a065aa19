import { spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import { once } from 'node:events'
import { join } from 'node:path'
import { temporaryDirectory, until } from './kymo.ts'

const CARBON = '/usr/bin/carbon-cache'
// Debian's whisper belongs to Debian's Python, whatever other Python comes first on the path.
const PYTHON = '/usr/bin/python3'

export const hasCarbon = existsSync(CARBON)

/** Debian's carbon-cache on free ports, writing whisper files that are read back with the real whisper. */
export class Carbon {
  readonly port: number
  readonly #child: ChildProcess
  readonly #storage: string

  private constructor(port: number, child: ChildProcess, storage: string) {
    this.port = port
    this.#child = child
    this.#storage = storage
  }

  static async start(port?: number): Promise<Carbon> {
    const directory = temporaryDirectory()
    const [line, pickle, cacheQuery] = [port ?? (await freePort()), await freePort(), await freePort()]
    mkdirSync(join(directory, 'whisper'))
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
    return new Carbon(line, child, join(directory, 'whisper'))
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

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as { port: number }
  server.close()
  await once(server, 'close')
  return port
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
