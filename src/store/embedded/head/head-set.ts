import { randomBytes } from 'node:crypto'
import { MessageChannel, type MessagePort } from 'node:worker_threads'
import { HeadWriter, type HeadGrowth } from './head-writer.ts'
import type { HeadName, SharedHead } from './head-pages.ts'
import { ReadableHead } from './readable-head.ts'

/** What readers elsewhere are told of heads, in order. */
export type HeadNews =
  | ({ readonly kind: 'begun' } & HeadName)
  | ({ readonly kind: 'grown'; readonly number: number } & HeadGrowth)
  | { readonly kind: 'dropped'; readonly number: number }

/** Where a reader has its heads from. */
export interface HeadSource {
  /** All there are, ascending, with what they have by now. */
  current(): readonly ReadableHead[]
  close(): void
}

/**
 * The heads that there are, in the thread that writes them. Memory of a head is announced to every reader before anything
 * in it is published.
 */
export class HeadSet implements HeadSource {
  readonly #heads = new Map<number, { readonly writer: HeadWriter; readonly readable: ReadableHead }>()
  readonly #ports = new Set<MessagePort>()

  /** Numbers ascend. */
  begin(number: number): HeadWriter {
    const name: HeadName = { number, seed: randomBytes(4).readInt32LE() }
    this.#tell({ kind: 'begun', ...name })
    // The series of the one before are likely to be those of this one.
    const last = [...this.#heads.values()].at(-1)
    const announce = (growth: HeadGrowth): void => this.#tell({ kind: 'grown', number, ...growth })
    const writer = new HeadWriter(name, announce, last?.writer.seriesCount)
    this.#heads.set(number, { writer, readable: new ReadableHead(writer.pages) })
    return writer
  }

  /** A head that nothing more comes to, for whoever packs it. undefined: there is no such head. */
  share(number: number): SharedHead | undefined {
    return this.#heads.get(number)?.writer.share()
  }

  /** Lets go of a head. Who is reading it goes on to the end of the read. */
  drop(number: number): void {
    if (this.#heads.delete(number)) this.#tell({ kind: 'dropped', number })
  }

  current(): readonly ReadableHead[] {
    return Array.from(this.#heads.values(), ({ readable }) => readable)
  }

  /** For a reader in whatever thread: the end of a port at which all heads are announced, those that there are first. */
  subscribe(): MessagePort {
    const { port1: ours, port2: theirs } = new MessageChannel()
    for (const [number, { writer }] of this.#heads) {
      const { seed, slots, bytes, table } = writer.pages
      ours.postMessage({ kind: 'begun', number, seed } satisfies HeadNews)
      const grown = (growth: HeadGrowth): void =>
        ours.postMessage({ kind: 'grown', number, ...growth } satisfies HeadNews)
      for (const { buffer } of slots) grown({ part: 'slots', buffer })
      for (const { buffer } of bytes) grown({ part: 'bytes', buffer })
      grown({ part: 'table', buffer: table.buffer as unknown as SharedArrayBuffer })
    }
    this.#ports.add(ours)
    ours.on('close', () => this.#ports.delete(ours))
    ours.unref()
    return theirs
  }

  close(): void {
    for (const port of this.#ports) port.close()
    this.#ports.clear()
    this.#heads.clear()
  }

  #tell(news: HeadNews): void {
    for (const port of this.#ports) port.postMessage(news)
  }
}
