// Programs that the benchmark starts. None of them outlives it.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'

export interface Child {
  readonly process: ChildProcess
  readonly pid: number
  stdout(): string
  stderr(): string
  /** Resolves when the text has come; rejects when the program ends before, or after `deadlineMs`. */
  said(pattern: RegExp, deadlineMs?: number): Promise<RegExpExecArray>
  /** Resolves to the exit code. */
  ended(): Promise<number>
  /** Resolves when it has ended; it is killed if that takes longer than `deadlineMs`. */
  stop(signal?: NodeJS.Signals, deadlineMs?: number): Promise<void>
}

export interface ChildOptions {
  readonly cwd?: string
  readonly env?: NodeJS.ProcessEnv
  /** Nobody reads what it prints. */
  readonly isSilent?: boolean
}

const STOP_DEADLINE_MS = 10_000
const running = new Set<ChildProcess>()
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL')
})

export function startChild(command: string, args: readonly string[], options: ChildOptions = {}): Child {
  const child = spawn(command, args, {
    cwd: options.cwd,
    env: options.env ?? process.env,
    stdio: ['pipe', options.isSilent === true ? 'ignore' : 'pipe', 'pipe'],
  })
  running.add(child)
  const ending = once(child, 'exit').then(() => {
    running.delete(child)
  })
  let [stdout, stderr] = ['', '']
  child.stdout?.setEncoding('utf8').on('data', (text: string) => (stdout += text))
  child.stderr?.setEncoding('utf8').on('data', (text: string) => (stderr += text))
  const hasEnded = (): boolean => child.exitCode !== null || child.signalCode !== null
  return {
    process: child,
    get pid() {
      if (child.pid === undefined) throw new Error(`${command} cannot be started`)
      return child.pid
    },
    stdout: () => stdout,
    stderr: () => stderr,
    async said(pattern, deadlineMs = 20_000) {
      const deadline = performance.now() + deadlineMs
      for (;;) {
        const found = pattern.exec(stdout) ?? pattern.exec(stderr)
        if (found !== null) return found
        if (hasEnded()) throw new Error(`${command} ended with ${child.exitCode}: ${stderr}`)
        if (performance.now() > deadline)
          throw new Error(`${command} did not say ${String(pattern)}: ${stderr}`)
        await sleep(5)
      }
    },
    async ended() {
      await ending
      return child.exitCode ?? 1
    },
    async stop(signal = 'SIGTERM', deadlineMs = STOP_DEADLINE_MS) {
      if (hasEnded()) return
      child.kill(signal)
      const isEnded = await Promise.race([
        ending.then(() => true),
        sleep(deadlineMs, false).then(() => false),
      ])
      if (isEnded) return
      child.kill('SIGKILL')
      await ending
    },
  }
}

/** `isAwaited` false: the process need not live for it. */
export function sleep(ms: number, isAwaited = true): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms)
    if (!isAwaited) timer.unref()
  })
}
