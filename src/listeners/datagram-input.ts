import type { Clock } from '../lib/clock.ts'
import { type Libc, loadLibc } from '../lib/libc.ts'
import { DatagramLoop } from './datagram-loop.ts'

/** What a thread has that receives many datagrams at a time. */
export interface DatagramInput {
  readonly libc: Libc
  readonly loop: DatagramLoop
}

const LITTLE_ENDIAN_64_BIT = ['x64', 'arm64', 'riscv64', 'loong64']

/** For a thread that does nothing else: it waits for datagrams itself. Rejects, with a reason for people, where that cannot be. */
export async function openDatagramInput(clock: Clock): Promise<DatagramInput> {
  if (process.platform !== 'linux')
    throw new Error(`only Linux has recvmmsg, and this is ${process.platform}`)
  if (!LITTLE_ENDIAN_64_BIT.includes(process.arch))
    throw new Error(`the layout of recvmmsg's memory is not known for ${process.arch}`)
  const libc = await loadLibc()
  return { libc, loop: new DatagramLoop({ libc, clock, waits: 'here' }) }
}
