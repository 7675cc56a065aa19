import type { CommandContext } from '../command.ts'
import { runCommandLine } from '../index.ts'

export interface Said {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

/** Runs a command as if it were typed in that folder, without a terminal and with nothing in the environment. */
export function runIn(folder: string, argv: readonly string[]): Promise<Said> {
  return runCommandIn(folder, argv, runCommandLine)
}

/** The same with one command, which is given what is behind its name. */
export async function runCommandIn(
  folder: string,
  argv: readonly string[],
  run: (context: CommandContext) => Promise<number>,
): Promise<Said> {
  const said = { stdout: '', stderr: '' }
  const code = await run({
    argv,
    env: {},
    cwd: folder,
    hasTerminal: false,
    stdout: { write: (text) => (said.stdout += text) },
    stderr: { write: (text) => (said.stderr += text) },
  })
  return { code, ...said }
}
