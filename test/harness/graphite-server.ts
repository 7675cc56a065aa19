import { once } from 'node:events'
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net'

/** Where servers send their flushes: takes Graphite's plaintext and keeps it by timestamp, in the order it came in. */
export class GraphiteServer {
  readonly #server: Server
  readonly #sockets = new Set<Socket>()
  /** Name and value as they were written, of each timestamp. */
  readonly #flushes = new Map<string, [name: string, value: string][]>()

  receivedBytes = 0

  private constructor(server: Server) {
    this.#server = server
    server.on('connection', (socket) => this.#take(socket))
  }

  static async start(): Promise<GraphiteServer> {
    const server = createServer().listen(0, '127.0.0.1')
    await once(server, 'listening')
    return new GraphiteServer(server)
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port
  }

  /** Oldest first. */
  get flushes(): (readonly [name: string, value: string])[][] {
    return [...this.#flushes].sort(([a], [b]) => Number(a) - Number(b)).map(([, rows]) => rows)
  }

  async stop(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy()
    this.#server.close()
    await once(this.#server, 'close')
  }

  #take(socket: Socket): void {
    this.#sockets.add(socket)
    let rest = ''
    socket.on('error', () => undefined)
    socket.on('data', (chunk) => {
      this.receivedBytes += chunk.length
      const lines = (rest + chunk.toString()).split('\n')
      rest = lines.pop() ?? ''
      for (const line of lines) {
        const [name = '', value = '', time = ''] = line.split(' ')
        const rows = this.#flushes.get(time)
        if (rows === undefined) this.#flushes.set(time, [[name, value]])
        else rows.push([name, value])
      }
    })
  }
}
