import { expect, test } from 'vitest'
import type { SinkResult } from '../sink.ts'
import { BatchParts } from './batch-parts.ts'

const sending = { encodingMs: 1, sendingMs: 2, bytes: 3 }

test('adds up what became of the parts', async () => {
  const part = async (): Promise<SinkResult> => ({ refusedPoints: 2, sending })
  expect(await new BatchParts().send({}, [part, part])).toEqual({
    refusedPoints: 4,
    sending: { encodingMs: 2, sendingMs: 4, bytes: 6 },
  })
})

test('goes on with the part that failed, and begins anew with another batch', async () => {
  const parts = new BatchParts()
  const sent: string[] = []
  let isDown = true
  const both = [
    async () => {
      sent.push('first')
      return { refusedPoints: 1 }
    },
    async () => {
      if (isDown) throw new Error('down')
      sent.push('second')
      return { refusedPoints: 1 }
    },
  ]
  const batch = {}
  await expect(parts.send(batch, both)).rejects.toThrow('down')
  isDown = false
  expect(await parts.send(batch, both)).toMatchObject({ refusedPoints: 2 })
  expect(sent).toEqual(['first', 'second'])
  await parts.send({}, both)
  expect(sent).toEqual(['first', 'second', 'first', 'second'])
})
