import { startChild } from './child.ts'
import type { Rods } from './rods.ts'
import type { Server } from './server.ts'

export async function startFloor(rods: Rods): Promise<Server & { readonly bufferBytes: number }> {
  const child = startChild(rods.floor, [])
  const said = JSON.parse((await child.said(/^\{.*\}$/m))[0]) as { port: number; buffer_bytes: number }
  return {
    name: 'floor',
    pid: child.pid,
    port: said.port,
    bufferBytes: said.buffer_bytes,
    async [Symbol.asyncDispose]() {
      child.process.stdin?.end()
      await child.ended()
    },
  }
}
