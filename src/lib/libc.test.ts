import { expect, test } from 'vitest'
import { loadLibc } from './libc.ts'

const isSupported = process.platform === 'linux' || process.platform === 'darwin'

test('elsewhere than on Linux and macOS there is none, and the reason can be shown', async () => {
  await expect(loadLibc('win32')).rejects.toThrow('this needs Linux or macOS, and this is win32')
})

test.runIf(isSupported)('a call that fails says why, as errors of Node do', async () => {
  const libc = await loadLibc()
  expect(libc.close(-1)).toBe(-1)
  const error = libc.lastError('close')
  expect(error).toMatchObject({ code: 'EBADF', syscall: 'close' })
  expect(error.message).toBe('EBADF: bad file descriptor, close')
  expect(libc.close(-1)).toBe(-1)
  expect(libc.isTryAgain()).toBe(false)
})

test.runIf(isSupported)(
  'receiving where there is nothing is no failure, and waiting for it ends',
  async () => {
    const libc = await loadLibc()
    const { AF_UNIX, SOCK_DGRAM, MSG_DONTWAIT, POLLIN } = libc.constants
    const descriptor = libc.socket(AF_UNIX, SOCK_DGRAM, 0)
    const buffer = Buffer.allocUnsafeSlow(16)
    expect(libc.recv(descriptor, buffer, buffer.length, MSG_DONTWAIT)).toBe(-1)
    expect(libc.isTryAgain()).toBe(true)
    const descriptors = Buffer.allocUnsafeSlow(8)
    new Int32Array(descriptors.buffer, 0, 1)[0] = descriptor
    new Int16Array(descriptors.buffer, 4, 2).set([POLLIN, 0])
    expect(await libc.poll(descriptors, 1, 5)).toBe(0)
    expect(libc.close(descriptor)).toBe(0)
  },
)
