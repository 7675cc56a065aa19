import { readFileSync } from 'node:fs'

const TICK_NS = 10_000_000

/** CPU time of everything that runs on the machine since it started. */
export function machineCpuNs(): number {
  // `cpu user nice system idle iowait irq softirq steal …`: the machine waits in the fourth and fifth.
  const line = readFileSync('/proc/stat', 'latin1').split('\n', 1)[0] ?? ''
  const ticks = line.split(/ +/).slice(1, 9).map(Number)
  return ticks.reduce((sum, count, column) => (column === 3 || column === 4 ? sum : sum + count), 0) * TICK_NS
}
