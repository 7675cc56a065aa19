import type { Socket } from 'node:net'
import { type Clock, nextEventLoopTurn, type Timer } from '../lib/clock.ts'
import { isHttpRequestLine } from '../lib/http-request-line.ts'

export interface AdminConnectionOptions {
  readonly clock: Clock
  /** The answer to a line; undefined ends the connection. Never rejects. */
  readonly answer: (line: string) => Promise<string | undefined>
}

const MOST_LINE_BYTES = 4096
const IDLE_TIMEOUT_MS = 30_000
/** How long a client may take to read an answer, or what was left when the connection was ended. */
const READING_TIMEOUT_MS = 10_000
const UNENDED_LINE_MS = 200

/**
 * A client of the console: lines in, answers out, one at a time and in the order of the lines.
 *
 *   bytes -> lines -> answer -> written -> the next line ...
 *
 * While a line is answered, and until the client has taken the answer, nothing is read: what waits here is the lines of one
 * read and one answer, whatever the client sends.
 */
export class AdminConnection {
  readonly #socket: Socket
  readonly #clock: Clock
  readonly #answer: AdminConnectionOptions['answer']
  /** Of a line whose end has not come. Bytes are held as characters, one to one, so that a bound on it is one on bytes. */
  #beginning = ''
  #lines: string[] = []
  #isServing = false
  /** The client sends nothing more. */
  #hasEnded = false
  /** Nothing more is done for the client but to let it read. */
  #isClosing = false
  /** When it runs out the client is let go. */
  #deadline: Timer | undefined
  #unended: Timer | undefined

  constructor(socket: Socket, options: AdminConnectionOptions) {
    this.#socket = socket
    this.#clock = options.clock
    this.#answer = options.answer
    socket.setEncoding('latin1')
    socket.on('data', (chunk) => this.#take(String(chunk)))
    socket.on('end', () => this.#end())
    socket.on('error', () => socket.destroy())
    socket.on('close', () => {
      this.#deadline?.cancel()
      this.#unended?.cancel()
    })
    this.#allow(IDLE_TIMEOUT_MS)
  }

  #take(chunk: string): void {
    if (this.#isClosing) return
    this.#unended?.cancel()
    const lines = (this.#beginning + chunk).split('\n')
    this.#beginning = lines.pop() ?? ''
    for (const line of lines) this.#lines.push(line)
    void this.#serve()
  }

  #end(): void {
    this.#hasEnded = true
    this.#takeBeginning()
  }

  /** What has no end is a line after all. */
  #takeBeginning(): void {
    this.#lines.push(this.#beginning)
    this.#beginning = ''
    void this.#serve()
  }

  async #serve(): Promise<void> {
    if (this.#isServing || this.#isClosing) return
    this.#isServing = true
    this.#socket.pause()
    this.#deadline?.cancel()
    for (let i = 0; i < this.#lines.length; i++) {
      await this.#serveLine(this.#lines[i] ?? '')
      if (this.#isClosing || this.#socket.destroyed) return
    }
    this.#lines = []
    this.#isServing = false
    if (this.#beginning.length > MOST_LINE_BYTES) this.#close('ERROR\n')
    else if (this.#hasEnded) this.#close('')
    else this.#listen()
  }

  async #serveLine(line: string): Promise<void> {
    if (isHttpRequestLine(line)) {
      this.#socket.destroy()
      return
    }
    if (line.length > MOST_LINE_BYTES) {
      this.#close('ERROR\n')
      return
    }
    const answer = await this.#answer(Buffer.from(line, 'latin1').toString())
    if (this.#socket.destroyed) return
    if (answer === undefined) this.#close('')
    else if (answer !== '' && !this.#socket.write(answer)) await this.#taken()
  }

  /** Waits until the client has taken what was written, or is gone. */
  #taken(): Promise<void> {
    this.#allow(READING_TIMEOUT_MS)
    return new Promise((resolve) => {
      const done = (): void => {
        this.#socket.off('drain', done)
        this.#socket.off('close', done)
        this.#deadline?.cancel()
        resolve()
      }
      this.#socket.on('drain', done)
      this.#socket.on('close', done)
    })
  }

  #listen(): void {
    this.#allow(IDLE_TIMEOUT_MS)
    if (this.#beginning !== '') {
      this.#unended = this.#clock.after(UNENDED_LINE_MS, () => void this.#takeUnended())
    }
    this.#socket.resume()
  }

  /** If this thread was busy, the rest of the line may have come and not been told yet. */
  async #takeUnended(): Promise<void> {
    const beginning = this.#beginning
    await nextEventLoopTurn()
    if (this.#beginning === beginning && beginning !== '') this.#takeBeginning()
  }

  /** What still comes is read and thrown away: closed with bytes unread, a socket takes back what the client was sent. */
  #close(lastWords: string): void {
    this.#isClosing = true
    this.#beginning = ''
    this.#lines = []
    this.#socket.end(lastWords)
    this.#socket.resume()
    this.#allow(READING_TIMEOUT_MS)
  }

  #allow(timeMs: number): void {
    this.#deadline?.cancel()
    this.#deadline = this.#clock.after(timeMs, () => this.#socket.destroy())
  }
}
