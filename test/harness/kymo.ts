import { spawn, type ChildProcess } from 'node:child_process'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'

const root = resolve(import.meta.dirname, '..', '..')

export interface StartOptions {
  /** More flags. */
  readonly args?: readonly string[]
  readonly env?: Readonly<Record<string, string>>
  /** Data directory; without it a new one, removed at the end. */
  readonly data?: string
  readonly flushInterval?: string
  readonly cwd?: string
  /** Path of the command; without it that of the sources. */
  readonly command?: string
  /** A program with its arguments that runs it: what follows them is the command. */
  readonly launcher?: readonly string[]
}

export interface RenderedSeries {
  readonly target: string
  readonly tags: Readonly<Record<string, string | number>>
  readonly datapoints: readonly (readonly [number | null, number])[]
}

/** A whole Kymo: a real process on free ports, talked to over real sockets. */
export class KymoProcess {
  readonly child: ChildProcess
  readonly data: string
  #stdout = ''
  #stderr = ''
  #ready: Record<string, string[]> | undefined

  private constructor(child: ChildProcess, data: string) {
    this.child = child
    this.data = data
    child.stdout?.on('data', (chunk: Buffer) => (this.#stdout += chunk.toString()))
    child.stderr?.on('data', (chunk: Buffer) => (this.#stderr += chunk.toString()))
  }

  /** Resolves when it is ready; rejects with what it said when it ends first. */
  static async start(options: StartOptions = {}): Promise<KymoProcess> {
    const kymo = KymoProcess.launch(options)
    await until('it is ready', () => kymo.#findReady() || kymo.child.exitCode !== null)
    if (kymo.#ready === undefined) throw new Error(`Kymo ended with ${kymo.child.exitCode}:\n${kymo.stderr}`)
    return kymo
  }

  static launch(options: StartOptions = {}): KymoProcess {
    const data = options.data ?? temporaryDirectory()
    const ports = ['--statsd-port', '0', '--graphite-port', '0', '--admin-port', '0', '--http-port', '0']
    const command = options.command ?? join(root, 'bin', 'kymo.js')
    const args = [command, 'start', '--flush-interval', options.flushInterval ?? '1s']
    const store = options.args?.includes('--no-store') === true ? [] : ['--data', data]
    const line = [...(options.launcher ?? []), process.execPath, ...args, ...ports, ...store]
    const child = spawn(line[0] ?? '', [...line.slice(1), ...(options.args ?? [])], {
      cwd: options.cwd ?? data,
      env: { ...withoutKymo(process.env), ...receiverUnderTest(), ...options.env },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    running.add(child)
    child.on('exit', () => running.delete(child))
    return new KymoProcess(child, data)
  }

  get stdout(): string {
    return this.#stdout
  }

  get stderr(): string {
    return this.#stderr
  }

  /** Lines of JSON on stdout (with `--stdout` and the format json). */
  get stdoutObjects(): Record<string, unknown>[] {
    return this.#stdout
      .split('\n')
      .filter((line) => line.startsWith('{'))
      .map((line) => JSON.parse(line) as Record<string, unknown>)
  }

  port(service: 'statsd' | 'graphite' | 'pickle' | 'otlp' | 'admin' | 'http'): number {
    const url = this.#ready?.[service]?.[0]
    if (url === undefined) throw new Error(`no address for ${service}`)
    return Number(new URL(url).port)
  }

  url(path: string): string {
    return `http://127.0.0.1:${this.port('http')}${path}`
  }

  /** One datagram. */
  async udp(
    text: string | Uint8Array,
    service: 'statsd' | 'graphite' = 'statsd',
    host = '127.0.0.1',
  ): Promise<void> {
    const socket = createSocket(host.includes(':') ? 'udp6' : 'udp4')
    await new Promise<void>((resolve, reject) => {
      socket.send(text, this.port(service), host, (error) => (error === null ? resolve() : reject(error)))
    })
    socket.close()
  }

  /** Opens a connection, writes, ends it; resolves to what came back. */
  async tcp(
    text: string | Uint8Array,
    service: 'statsd' | 'graphite' | 'admin' = 'statsd',
    host = '127.0.0.1',
  ): Promise<string> {
    const socket = connect(this.port(service), host)
    let answer = ''
    socket.on('data', (chunk) => (answer += chunk.toString()))
    socket.end(text)
    await once(socket, 'close')
    return answer
  }

  async json<Body>(path: string, init: RequestInit = {}): Promise<Body> {
    const response = await fetch(this.url(path), init)
    const text = await response.text()
    if (!response.ok) throw new Error(`${response.status} from ${path}: ${text}`)
    return JSON.parse(text) as Body
  }

  /** Flushes now; resolves to the timestamp of the batch in seconds. */
  async flush(): Promise<number> {
    return (await this.json<{ timestamp: number }>('/api/flush', { method: 'POST' })).timestamp
  }

  /** `until` may lie ahead of the clock: a flush that was asked for is stamped with its interval's end. */
  async render(target: string, from = '-1h', until = '+1h'): Promise<RenderedSeries[]> {
    const query = new URLSearchParams({ target, from, until, format: 'json' })
    return await this.json<RenderedSeries[]>(`/render?${query.toString()}`)
  }

  /** The values of a series that are not null, oldest first. */
  async values(target: string): Promise<number[]> {
    const [series] = await this.render(target)
    return (series?.datapoints ?? []).map(([value]) => value).filter((value) => value !== null)
  }

  /** Waits until this many lines have been received since the start. */
  async received(lines: number): Promise<void> {
    await until(`${lines} lines are received`, async () => {
      const status = await this.json<{ lines: { received: number } }>('/api/status')
      return status.lines.received >= lines
    })
  }

  /** Sends a signal and waits for the end; resolves to the exit code, or the signal that ended it. */
  async end(signal: NodeJS.Signals = 'SIGTERM'): Promise<number | NodeJS.Signals> {
    this.child.kill(signal)
    return await this.ended()
  }

  async ended(): Promise<number | NodeJS.Signals> {
    if (this.child.exitCode === null && this.child.signalCode === null) await once(this.child, 'exit')
    return this.child.exitCode ?? this.child.signalCode ?? 0
  }

  #findReady(): boolean {
    for (const line of this.#stderr.split('\n')) {
      if (!line.startsWith('{"event":"ready"')) continue
      this.#ready = (JSON.parse(line) as { addresses: Record<string, string[]> }).addresses
      return true
    }
    return false
  }
}

const running = new Set<ChildProcess>()
const directories: string[] = []

/** Removed when the test file is done. */
export function temporaryDirectory(): string {
  const path = mkdtempSync(join(tmpdir(), 'kymo-test-'))
  directories.push(path)
  return path
}

/** For afterAll: nothing outlives its test file. */
export function cleanUp(): void {
  for (const child of running) child.kill('SIGKILL')
  for (const path of directories.splice(0))
    rmSync(path, { recursive: true, force: true, maxRetries: 5, retryDelay: 50 })
}

/** Polls until `condition` holds; rejects after `deadlineMs` with what was waited for. */
export async function until(
  what: string,
  condition: () => boolean | Promise<boolean>,
  deadlineMs = 45_000,
): Promise<void> {
  const endMs = performance.now() + deadlineMs
  for (;;) {
    if (await condition()) return
    if (performance.now() > endMs) throw new Error(`waited ${deadlineMs} ms in vain until ${what}`)
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}

/** `KYMO_TEST_RECEIVER=dgram`: the tests are run on that receiver; without it on the one that Kymo takes by itself. */
export function receiverUnderTest(): Readonly<Record<string, string>> {
  const receiver = process.env['KYMO_TEST_RECEIVER']
  return receiver === undefined ? {} : { KYMO_RECEIVER: receiver }
}

function withoutKymo(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(env).filter(([key]) => !key.startsWith('KYMO_')))
}
