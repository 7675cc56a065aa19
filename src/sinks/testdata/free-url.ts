import { once } from 'node:events'
import { createServer, type AddressInfo } from 'node:net'

/** The address of an HTTP server that nobody is. */
export async function freeUrl(): Promise<string> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return `http://127.0.0.1:${port}`
}
