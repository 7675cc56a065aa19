import { HIGHEST_REGISTER, REGISTER_BITS, REGISTER_COUNT } from '../../model/set-registers.ts'
import { hashMember } from './member-hash.ts'

/**
 * How many different members there were, in 16 KiB whatever their number; the standard error is 0.8 %. The hash of a member
 * chooses a register by its first 14 bits, and the register remembers the longest run of zeros that the other 50 began with:
 *
 *   00000000000101 0001...    register 5 is at least 4, for three zeros and the one
 *
 * Registers of the same members are the same, whatever the order and wherever they were filled.
 */
export class HyperLogLog {
  readonly registers = new Uint8Array(REGISTER_COUNT)
  readonly #halves = new Uint32Array(2)

  add(member: string): void {
    hashMember(member, this.#halves)
    const first = this.#halves[0] ?? 0
    const second = this.#halves[1] ?? 0
    const rest = first << REGISTER_BITS
    const zeros = rest === 0 ? 32 - REGISTER_BITS + Math.clz32(second) : Math.clz32(rest)
    this.#raise(first >>> (32 - REGISTER_BITS), zeros + 1)
  }

  merge(registers: Uint8Array): void {
    for (const [i, register] of registers.entries()) this.#raise(i, register)
  }

  /**
   * The members that its registers speak for, not rounded. By Ertl's improved estimator (arXiv 1702.01284, algorithm 6), which is as good
   * as counting the empty registers while many are, and needs neither tables nor a place where one formula takes over.
   */
  estimate(): number {
    const counts = new Uint32Array(HIGHEST_REGISTER + 1)
    for (const register of this.registers) counts[register] = (counts[register] ?? 0) + 1
    const share = (register: number): number => (counts[register] ?? 0) / REGISTER_COUNT
    let sum = tau(1 - share(HIGHEST_REGISTER))
    for (let register = HIGHEST_REGISTER - 1; register >= 1; register--) sum = (sum + share(register)) / 2
    return REGISTER_COUNT / (2 * Math.LN2) / (sum + sigma(share(0)))
  }

  #raise(i: number, register: number): void {
    if (register > (this.registers[i] ?? HIGHEST_REGISTER)) this.registers[i] = register
  }
}

/** x + Σ x^(2^k) 2^(k-1), k = 1, 2, ...: for registers that are empty. */
function sigma(x: number): number {
  if (x === 1) return Number.POSITIVE_INFINITY
  let sum = x
  let before = -1
  for (let [power, factor] = [x, 1]; sum !== before; factor *= 2) {
    power *= power
    before = sum
    sum += power * factor
  }
  return sum
}

/** (1 - x - Σ (1 - x^(2^-k))² 2^-k) / 3, k = 1, 2, ...: for registers that are full. */
function tau(x: number): number {
  if (x === 0 || x === 1) return 0
  let sum = 1 - x
  let before = -1
  for (let [root, factor] = [x, 1]; sum !== before; ) {
    root = Math.sqrt(root)
    factor /= 2
    before = sum
    sum -= (1 - root) ** 2 * factor
  }
  return sum / 3
}
