/** What a command is given. Only main.ts touches the process itself. */
export interface CommandContext {
  /** The arguments behind the command's name. */
  readonly argv: readonly string[]
  readonly env: Readonly<Record<string, string | undefined>>
  readonly cwd: string
  /** It was started from a terminal, and is to end with it. */
  readonly hasTerminal: boolean
  /** Data. */
  readonly stdout: Output
  /** Talk. */
  readonly stderr: Output
}

/** What is needed of a stream to write for a person or a program. */
export interface Output {
  readonly isTTY?: boolean | undefined
  /** Whoever read it has gone. */
  readonly destroyed?: boolean
  write(data: string | Uint8Array): unknown
}

/** What each file of a command exports. */
export interface Command {
  /** Resolves to the exit code. Throws KymoErrors, which are printed and give their own. */
  run(context: CommandContext): Promise<number>
}
