/** CPU milliseconds of the process. */
export function timed(action: () => void): number {
  const start = process.cpuUsage()
  action()
  const { user, system } = process.cpuUsage(start)
  return (user + system) / 1_000
}

export function round(value: number): number {
  return Math.round(value * 100) / 100
}
