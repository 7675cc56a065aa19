/** What commands act on. */
export interface AdminState {
  /** What monitors are told; an operator takes a machine out of service by setting it down. */
  isHealthy: boolean
}

/** Answers a command; undefined ends the connection. */
type AdminCommand = (words: readonly string[], state: AdminState) => string | undefined

/** The commands there are, in the order in which `help` lists them. */
export const COMMANDS: ReadonlyMap<string, AdminCommand> = new Map<string, AdminCommand>([
  ['health', health],
  ['quit', () => undefined],
  ['help', () => `Commands: ${[...COMMANDS.keys()].filter((name) => name !== 'help').join(', ')}\n\n`],
])

/** `health` tells, `health up` and `health down` set and tell. As with etsy, any other word changes nothing. */
function health(words: readonly string[], state: AdminState): string {
  const wanted = words[0]?.toLowerCase()
  if (wanted === 'up') state.isHealthy = true
  if (wanted === 'down') state.isHealthy = false
  return `health: ${state.isHealthy ? 'up' : 'down'}\n`
}
