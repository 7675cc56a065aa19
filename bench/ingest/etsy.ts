import { spawnSync } from 'node:child_process'
import { existsSync, writeFileSync } from 'node:fs'
import { delimiter, join, resolve } from 'node:path'
import { freePort } from '../../test/harness/free-port.ts'
import { startChild } from './child.ts'
import type { Server } from './server.ts'
import { Skip } from './skip.ts'

const program = resolve(import.meta.dirname, '../rivals/node_modules/statsd/stats.js')

export interface EtsyCommand {
  readonly command: string
  readonly args: readonly string[]
  readonly port: number
}

/** The real etsy/statsd, receiving by UDP and flushing every 10 s to nobody, as Kymo is measured too. */
export async function startEtsy(directory: string): Promise<Server> {
  const { command, args, port } = await etsyCommand(directory)
  const child = startChild(command, args)
  await child.said(/server is up/)
  return {
    name: 'etsy/statsd',
    pid: child.pid,
    port,
    [Symbol.asyncDispose]: () => child.stop('SIGKILL'),
  }
}

export async function etsyCommand(directory: string): Promise<EtsyCommand> {
  const reason = whyNoEtsy()
  if (reason !== undefined) throw new Skip(reason)
  const [port, adminPort] = [await freePort(), await freePort()]
  const configPath = join(directory, `etsy-${port}.js`)
  const shimPath = join(directory, 'etsy-shim.cjs')
  const addresses = { address: '127.0.0.1', port, mgmt_address: '127.0.0.1', mgmt_port: adminPort }
  // It is evaluated as an object literal, so JSON will do.
  writeFileSync(configPath, JSON.stringify({ ...addresses, flushInterval: 10_000, backends: [] }))
  // It calls a function at its start that Node has no more since 23.
  writeFileSync(shimPath, "require('node:util').log ??= console.log\n")
  return { command: etsyNode().path, args: ['--require', shimPath, program, configPath], port }
}

/** Why it cannot be run here; undefined if it can. */
export function whyNoEtsy(): string | undefined {
  return existsSync(program) ? undefined : 'run `npm ci --ignore-scripts` in bench/rivals for etsy/statsd'
}

/** The oldest Node on the path: etsy/statsd was written for those before 23, and runs on newer ones with some help. */
export function etsyNode(): { path: string; version: string } {
  const candidates = (process.env['PATH'] ?? '')
    .split(delimiter)
    .map((directory) => join(directory, 'node'))
    .filter((path) => existsSync(path))
    .map((path) => ({ path, version: spawnSync(path, ['--version'], { encoding: 'utf8' }).stdout.trim() }))
    .filter(({ version }) => /^v\d+/.test(version))
    .toSorted((a, b) => majorOf(a.version) - majorOf(b.version))
  return candidates[0] ?? { path: process.execPath, version: process.version }
}

function majorOf(version: string): number {
  return Number(/^v(\d+)/.exec(version)?.[1])
}
