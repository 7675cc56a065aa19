/** How long this thread has worked so far: what a test can ask for, however much of the machine others take. */
export function threadCpuMs(): number {
  const { user, system } = process.threadCpuUsage()
  return (user + system) / 1_000
}
