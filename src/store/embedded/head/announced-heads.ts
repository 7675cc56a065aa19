import { receiveMessageOnPort, type MessagePort } from 'node:worker_threads'
import { HeadPages } from './head-pages.ts'
import type { HeadNews, HeadSource } from './head-set.ts'
import { pageOf } from './page.ts'
import { ReadableHead } from './readable-head.ts'

/** The heads as a port tells of them, in a thread that only reads. */
export class AnnouncedHeads implements HeadSource {
  readonly #port: MessagePort
  readonly #heads = new Map<number, ReadableHead>()
  #isClosed = false

  constructor(port: MessagePort) {
    this.#port = port
    // What nobody asks for is taken in all the same: what waits in the port keeps the memory of heads that are gone.
    port.on('message', (news: HeadNews) => this.#take(news))
    // The writer is gone: its port must not be read any more.
    port.on('close', () => {
      this.#isClosed = true
    })
    port.unref()
  }

  current(): readonly ReadableHead[] {
    this.#catchUp()
    return [...this.#heads.values()]
  }

  close(): void {
    this.#heads.clear()
    if (this.#isClosed) return
    this.#isClosed = true
    this.#port.close()
  }

  #catchUp(): void {
    while (!this.#isClosed) {
      const received = receiveMessageOnPort(this.#port)
      if (received === undefined) return
      this.#take(received.message as HeadNews)
    }
  }

  #take(news: HeadNews): void {
    const { number } = news
    if (news.kind === 'dropped') {
      this.#heads.delete(number)
      return
    }
    if (news.kind === 'begun') {
      this.#heads.set(number, new ReadableHead(new HeadPages(news, () => this.#catchUp())))
      return
    }
    const pages = this.#heads.get(number)?.pages
    if (pages === undefined) return
    if (news.part === 'table') pages.table = new Uint32Array(news.buffer)
    else pages[news.part].push(pageOf(news.buffer))
  }
}
