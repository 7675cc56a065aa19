import { once } from 'node:events'
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'
import { crc32 } from 'node:zlib'

export interface ReceivedResult {
  readonly host: string
  readonly service: string
  readonly state: number
  readonly output: string
}

interface NscaServerOptions {
  readonly password?: string
  readonly packetBytes?: number
  /** Called with each connection, instead of greeting it. */
  readonly onSocket?: (socket: Socket) => void
}

/** Takes results as NSCA's server does with `decryption_method=1`. */
export class NscaServer {
  readonly port: number
  readonly results: ReceivedResult[] = []
  /** Packets whose checksum or time is wrong. */
  badPackets = 0
  readonly #server: Server
  readonly #sockets = new Set<Socket>()

  static async start(options: NscaServerOptions = {}): Promise<NscaServer> {
    const server = createServer({ allowHalfOpen: true }).listen(0, '127.0.0.1')
    await once(server, 'listening')
    return new NscaServer(server, options)
  }

  private constructor(server: Server, options: NscaServerOptions) {
    this.#server = server
    this.port = (server.address() as AddressInfo).port
    server.on('connection', (socket) => {
      this.#sockets.add(socket)
      socket.on('close', () => this.#sockets.delete(socket))
      socket.on('error', () => {})
      if (options.onSocket === undefined) this.#serve(socket, options)
      else options.onSocket(socket)
    })
  }

  async stop(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy()
    await new Promise((resolve) => this.#server.close(resolve))
  }

  #serve(socket: Socket, { password = '', packetBytes = 4_304 }: NscaServerOptions): void {
    const greeting = Buffer.alloc(132)
    for (let index = 0; index < 128; index += 1) greeting[index] = (index * 37 + 11) % 256
    greeting.writeUInt32BE(1_700_000_000, 128)
    // In two parts: nothing says that it comes at once.
    socket.write(greeting.subarray(0, 50))
    socket.write(greeting.subarray(50))
    let waiting = Buffer.alloc(0)
    socket.on('data', (bytes) => {
      waiting = Buffer.concat([waiting, bytes])
      while (waiting.length >= packetBytes) {
        this.#take(Buffer.from(waiting.subarray(0, packetBytes)), greeting, Buffer.from(password))
        waiting = waiting.subarray(packetBytes)
      }
    })
    socket.on('end', () => socket.end())
  }

  #take(packet: Buffer, greeting: Buffer, password: Buffer): void {
    for (let index = 0; index < packet.length; index += 1) {
      const key = password.length === 0 ? 0 : (password[index % password.length] ?? 0)
      packet[index] = (packet[index] ?? 0) ^ key ^ (greeting[index % 128] ?? 0)
    }
    const sum = packet.readUInt32BE(4)
    packet.writeUInt32BE(0, 4)
    if (packet.readInt16BE(0) !== 3 || crc32(packet) !== sum || packet.readUInt32BE(8) !== 1_700_000_000) {
      this.badPackets += 1
      return
    }
    const text = (start: number, end: number): string => packet.toString('utf8', start, packet.indexOf(0, start)).slice(0, end)
    this.results.push({
      host: text(14, 64),
      service: text(78, 128),
      state: packet.readInt16BE(12),
      output: text(206, packet.length),
    })
  }
}
