import { readFileSync } from 'node:fs'

/**
 * Makes the C library give large pieces of memory back to the system when they are freed. Of its own accord glibc does that
 * up to a size that grows with what it sees, to 32 MB, and keeps what is smaller; columns that are made, handed to another
 * thread and freed again in each interval leave ever more holes then. For the whole process. Where it is not glibc, nothing happens.
 */
export async function returnLargeMemory(): Promise<void> {
  await callC('mallopt', ['int', 'int'], M_MMAP_THRESHOLD, LARGE_BYTES)
}

/** Gives back to the system what the whole process has freed and the C library has kept. Where it is not glibc, nothing happens. */
export async function trimMemory(): Promise<void> {
  await callC('malloc_trim', ['size_t'], 0)
}

/**
 * Lets go of what the process has mapped of its own programs: most of that was for the start alone, and what is used again is still in
 * the system's cache. Takes some milliseconds. Where it is not Linux, nothing happens.
 */
export async function letGoOfPrograms(): Promise<void> {
  for (const { address, bytes } of unchangedPages(readSmaps()))
    await callC('madvise', ['uint64', 'size_t', 'int'], address, bytes, MADV_DONTNEED)
}

export interface MappedPages {
  readonly address: bigint
  readonly bytes: number
}

/**
 * Of what /proc/self/smaps tells, the large parts of files that can only be read or run and of which no page was ever written: nothing
 * is lost with them.
 */
export function unchangedPages(smaps: string): MappedPages[] {
  return smaps.split(MAPPING_START).flatMap((mapping) => {
    const found = FILE_MAPPING.exec(mapping)?.groups
    const isUnchanged =
      /^Anonymous: +0 kB$/m.test(mapping) && /^(?:Private|Shared)_Dirty: +[1-9]/m.exec(mapping) === null
    if (found === undefined || !isUnchanged) return []
    const address = BigInt(`0x${found['start']}`)
    const bytes = Number(BigInt(`0x${found['end']}`) - address)
    return bytes < SMALLEST_BYTES ? [] : [{ address, bytes }]
  })
}

/** Not read by the system's threads: they would be started for it, and stay. */
function readSmaps(): string {
  if (process.platform !== 'linux') return ''
  try {
    return readFileSync('/proc/self/smaps', 'latin1')
  } catch {
    return ''
  }
}

async function callC(name: string, types: string[], ...values: (number | bigint)[]): Promise<void> {
  if (process.platform !== 'linux') return
  try {
    const koffi = await import('koffi')
    koffi.load(null).func(name, 'int', types)(...values)
  } catch {
    // musl has no mallopt and no malloc_trim, and keeps little.
  }
}

const M_MMAP_THRESHOLD = -3
const LARGE_BYTES = 256 * 1_024
const MADV_DONTNEED = 4
const SMALLEST_BYTES = 1_024 * 1_024
/** `00400000-00746000 r-xp 00000000 fe:00 5326386 /usr/bin/node`, then lines of figures. */
const MAPPING_START = /^(?=[0-9a-f]+-[0-9a-f]+ )/m
const FILE_MAPPING = /^(?<start>[0-9a-f]+)-(?<end>[0-9a-f]+) r-[x-]p [0-9a-f]+ \S+ [1-9]\d* +\/.*$/m
