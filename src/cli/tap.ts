import type { ClientRequest, IncomingMessage } from 'node:http'
import { createInterface } from 'node:readline'
import type { Writable } from 'node:stream'
import { readFlags, usage } from '../config/flags.ts'
import { loadConfig } from '../config/load.ts'
import { nodeHttp } from '../lib/node-http.ts'
import type { TapItem } from '../model/tap.ts'
import { KymoError, reasonOf } from '../telemetry/errors.ts'
import { escapeForTerminal } from '../telemetry/escape-for-terminal.ts'
import type { CommandContext, Output } from './command.ts'
import { withoutWords } from './open-command-peer.ts'
import { printWarnings } from './print-error.ts'
import { stopSignals } from './stop-signals.ts'
import { createStyle, type Style } from './style.ts'
import { runningUrl } from './transfer/open-peer.ts'
import { valueOf } from './transfer/transfer-context.ts'

/** What `/api/tap` says. */
type TapLine = TapItem | { readonly kind: 'begins' } | { readonly kind: 'left_out'; readonly count: number }

/**
 * Shows what passes through a running Kymo: `kymo tap [PATTERN] [--stage STAGE] [--limit N] [--json] [--url URL]`. It ends with Ctrl-C, with whoever
 * reads it, after so many items, or with Kymo.
 */
export async function run({ argv, env, cwd, stdout, stderr }: CommandContext): Promise<number> {
  const flags = readFlags(argv, 'tap')
  const { config, warnings } = loadConfig({ command: 'tap', argv: withoutWords(flags), env, cwd })
  printWarnings(warnings, { stderr, env })
  const [pattern, ...others] = flags.positionals
  if (others.length > 0) throw usage('tap takes one pattern at most')
  const limit = readLimit(valueOf(flags, 'limit'))
  const url = runningUrl(config, valueOf(flags, 'url'))
  const address = new URL('/api/tap', url)
  address.searchParams.set('stage', valueOf(flags, 'stage') ?? 'received')
  if (pattern !== undefined) address.searchParams.set('pattern', pattern)

  const { request, response } = await ask(address, url)
  void stopSignals(['SIGINT', 'SIGTERM']).first.then(() => request.destroy())
  const output: Output & Partial<Pick<Writable, 'once'>> = stdout
  output.once?.('close', () => request.destroy())
  output.once?.('error', () => request.destroy())
  /** Kymo does not wait for whoever reads this; this does. */
  const print = async (text: string): Promise<void> => {
    if (output.write(`${text}\n`) === false && output.once !== undefined && output.destroyed !== true)
      await new Promise<void>((resolve) => {
        output.once?.('drain', resolve)
        output.once?.('close', resolve)
      })
  }
  const style = createStyle(stdout, env)
  let shown = 0
  const lines = createInterface({ input: response, crlfDelay: Number.POSITIVE_INFINITY })
  try {
    for await (const text of lines) {
      if (stdout.destroyed) break
      const line = JSON.parse(text) as TapLine
      if (flags.given.has('json')) await print(escapeForTerminal(text))
      else if (line.kind === 'left_out') stderr.write(`${leftOut(line.count, address)}\n`)
      else if (line.kind !== 'begins') await print(render(line, style))
      if (line.kind !== 'begins' && line.kind !== 'left_out') shown++
      if (shown >= limit) break
    }
  } catch (error) {
    // Of a stream that was left no end is to be expected.
    if (!request.destroyed) throw new KymoError('kymo-unreachable', { url, reason: reasonOf(error) })
  } finally {
    request.destroy()
  }
  return 0
}

function readLimit(given: string | undefined): number {
  if (given === undefined) return Number.POSITIVE_INFINITY
  if (!/^[1-9][0-9]{0,8}$/.test(given)) throw usage(`--limit: "${given}" is no number from 1 on`)
  return Number(given)
}

/** Rejects with the KymoErrors `kymo-unreachable` and `kymo-refused`. */
function ask(
  address: URL,
  url: string,
): Promise<{ readonly request: ClientRequest; readonly response: IncomingMessage }> {
  return new Promise((resolve, reject) => {
    const request = nodeHttp.get(address, { agent: false }, (response) => {
      // Whoever reads it meets its errors; one that is left has nobody to tell.
      response.on('error', () => {})
      if (response.statusCode === 200) return resolve({ request, response })
      const pieces: Buffer[] = []
      response.on('data', (piece: Buffer) => pieces.push(piece))
      response.on('end', () => {
        const reason = reasonIn(Buffer.concat(pieces).toString()) ?? `it answers ${response.statusCode}`
        reject(new KymoError('kymo-refused', { url, reason }))
      })
    })
    request.on('error', (error) =>
      reject(new KymoError('kymo-unreachable', { url, reason: reasonOf(error) })),
    )
  })
}

function reasonIn(text: string): string | undefined {
  try {
    const { message } = JSON.parse(text) as { message?: string }
    return message?.replace(/\.$/, '')
  } catch {
    return undefined
  }
}

function render(item: TapItem, style: Style): string {
  switch (item.kind) {
    case 'line': {
      const outcome = item.outcome === 'metric' ? '' : ` ${style.yellow(item.reason ?? item.outcome)}`
      // Quoted already.
      return `${style.dim(clockTime(item.atMs))} ${style.dim(item.sender)} ${item.line}${outcome}`
    }
    case 'point':
      return `${style.dim(clockTime(item.timeMs))} ${escapeForTerminal(item.key)} ${item.value}`
    case 'event':
      return `${style.dim(clockTime(item.timeMs))} ${escapeForTerminal(`${item.title}: ${item.text}`)}`
  }
}

function clockTime(timeMs: number): string {
  return new Date(timeMs).toISOString().slice(11, 23)
}

function leftOut(count: number, address: URL): string {
  const isOfLines = address.searchParams.get('stage') === 'received'
  const what = isOfLines
    ? 'more lines came than are shown'
    : `${count} points were not looked at or not shown`
  return `(${what}; a narrower pattern shows more of what it means)`
}
