import { runCommandLine } from '../index.ts'

export interface Said {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

/** Runs a command as if it were typed in that folder, without a terminal and with nothing in the environment. */
export async function runIn(folder: string, argv: readonly string[]): Promise<Said> {
  const said = { stdout: '', stderr: '' }
  const code = await runCommandLine({
    argv,
    env: {},
    cwd: folder,
    hasTerminal: false,
    stdout: { write: (text) => (said.stdout += text) },
    stderr: { write: (text) => (said.stderr += text) },
  })
  return { code, ...said }
}
