import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'

/** Takes datagrams and keeps them. */
export class UdpServer {
  readonly port: number
  readonly packets: string[] = []
  readonly #socket: Socket

  static async start(): Promise<UdpServer> {
    const socket = createSocket({ type: 'udp4', recvBufferSize: 4_000_000 })
    socket.bind(0, '127.0.0.1')
    await once(socket, 'listening')
    return new UdpServer(socket)
  }

  private constructor(socket: Socket) {
    this.#socket = socket
    this.port = socket.address().port
    socket.on('message', (bytes) => this.packets.push(bytes.toString()))
  }

  get lines(): string[] {
    return this.packets.flatMap((packet) => packet.split('\n'))
  }

  async stop(): Promise<void> {
    await new Promise<void>((resolve) => this.#socket.close(resolve))
  }
}
