import { once } from 'node:events'
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net'

/** A TCP server that keeps what it is sent, as carbon would, and can be made to misbehave. */
export class LineServer {
  readonly port: number
  readonly #server: Server
  readonly #sockets = new Set<Socket>()
  readonly #chunks: Buffer[] = []
  #connectionCount = 0
  #bytes = 0

  /** `onSocket` is called with each new connection before anything is read from it. */
  static async start(
    port = 0,
    onSocket: (socket: Socket, server: LineServer) => void = () => {},
  ): Promise<LineServer> {
    const server = createServer({ pauseOnConnect: false })
    server.listen(port, '127.0.0.1')
    await once(server, 'listening')
    return new LineServer(server, onSocket)
  }

  private constructor(server: Server, onSocket: (socket: Socket, server: LineServer) => void) {
    this.#server = server
    this.port = (server.address() as AddressInfo).port
    server.on('connection', (socket) => {
      this.#connectionCount += 1
      this.#sockets.add(socket)
      socket.on('data', (chunk) => {
        this.#chunks.push(chunk)
        this.#bytes += chunk.length
      })
      socket.on('close', () => this.#sockets.delete(socket))
      socket.on('error', () => {})
      onSocket(socket, this)
    })
  }

  get connectionCount(): number {
    return this.#connectionCount
  }

  get openConnectionCount(): number {
    return this.#sockets.size
  }

  get bytes(): number {
    return this.#bytes
  }

  get content(): Buffer {
    return Buffer.concat(this.#chunks)
  }

  get text(): string {
    return this.content.toString()
  }

  /** Whole lines; what comes after the last newline is not one. */
  get lines(): string[] {
    return this.text.split('\n').slice(0, -1)
  }

  /** Ends every connection in good order. */
  endConnections(): void {
    for (const socket of this.#sockets) socket.end()
  }

  /** Resets every connection before it returns: the other side's kernel knows, its program not yet. */
  resetConnections(): void {
    for (const socket of this.#sockets) socket.resetAndDestroy()
  }

  /** As when the process is killed: every connection is reset and the port is free again. */
  async kill(): Promise<void> {
    this.resetConnections()
    await new Promise((resolve) => this.#server.close(resolve))
  }
}
