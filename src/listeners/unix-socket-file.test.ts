import {
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs'
import { createServer, type Server } from 'node:net'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { bindDatagrams, createSocketDirectory } from './testdata/unix-sender.ts'
import { createSocketFile } from './unix-socket-file.ts'

let directory: ReturnType<typeof createSocketDirectory>
const servers: Server[] = []
const descriptors: { close(): void }[] = []

beforeEach(() => {
  directory = createSocketDirectory()
})
afterEach(() => {
  for (const server of servers.splice(0)) server.close()
  for (const descriptor of descriptors.splice(0)) descriptor.close()
  directory.remove()
})

function listen(path: string): Promise<void> {
  const server = createServer()
  servers.push(server)
  return new Promise((resolve, reject) => server.once('error', reject).listen(path, resolve))
}

async function create(path: string, mode = 0o722) {
  const target = { transport: 'unix-stream', name: 'test-in', path, setting: 'test.path' } as const
  return await createSocketFile(target, mode, listen)
}

/** A socket whose owner is gone without a word. */
function leaveStale(path: string): void {
  bindDatagrams(path).close()
}

function contents(): string[] {
  return readdirSync(directory.path)
}

test('the socket has its name and its mode, and nothing else is left', async () => {
  const path = join(directory.path, 'a.sock')
  const file = await create(path, 0o640)
  expect(lstatSync(path).mode & 0o777).toBe(0o640)
  expect(lstatSync(path).isSocket()).toBe(true)
  expect(contents()).toEqual(['a.sock'])
  expect(await file.isOurs()).toBe(true)
  await file.remove()
  expect(contents()).toEqual([])
  expect(await file.isOurs()).toBe(false)
})

test('a socket that nobody listens on is replaced, also one that was left halfway', async () => {
  const path = join(directory.path, 'a.sock')
  leaveStale(path)
  leaveStale(`${path}.${process.pid}`)
  const file = await create(path)
  expect(await file.isOurs()).toBe(true)
  expect(contents()).toEqual(['a.sock'])
})

describe('a socket that somebody listens on is in use', () => {
  test('for a stream', async () => {
    const path = join(directory.path, 'a.sock')
    await listen(path)
    await expect(create(path)).rejects.toMatchObject({
      code: 'address-in-use',
      exitCode: 4,
      message: `Cannot listen on unix-stream unix:${path} for test-in: another program has it.`,
      details: { path, flag: 'test.path' },
    })
    expect(existsSync(path)).toBe(true)
  })

  test('for datagrams', async () => {
    const path = join(directory.path, 'a.sock')
    descriptors.push(bindDatagrams(path))
    await expect(create(path)).rejects.toMatchObject({ code: 'address-in-use', exitCode: 4 })
    expect(existsSync(path)).toBe(true)
  })

  test('also when two begin at once: one has it, the other is told', async () => {
    const path = join(directory.path, 'a.sock')
    const target = { transport: 'unix-stream', name: 'test-in', path, setting: 'test.path' } as const
    // Just before the name is given, somebody else has it.
    const result = createSocketFile(target, 0o722, async (temporaryPath) => {
      await listen(temporaryPath)
      await listen(path)
    })
    await expect(result).rejects.toMatchObject({ code: 'address-in-use' })
    expect(contents()).toEqual(['a.sock'])
  })
})

const FOREIGN: readonly [what: string, make: (path: string) => void][] = [
  ['a file', (path) => writeFileSync(path, 'precious')],
  ['a directory', (path) => mkdirSync(path)],
  ['a link that leads nowhere', (path) => symlinkSync('/nowhere', path)],
  [
    'a link to a socket',
    (path) => {
      leaveStale(`${path}.elsewhere`)
      symlinkSync(`${path}.elsewhere`, path)
    },
  ],
]
test.each(FOREIGN)('%s is never removed', async (_, make) => {
  const path = join(directory.path, 'a.sock')
  make(path)
  const before = lstatSync(path).ino
  await expect(create(path)).rejects.toMatchObject({
    code: 'address-unavailable',
    exitCode: 4,
    details: { reason: 'there is something that is no socket, and it is left as it is' },
  })
  expect(lstatSync(path).ino).toBe(before)
})

test('a file in the place of the name that is bound first is left as well', async () => {
  const path = join(directory.path, 'a.sock')
  writeFileSync(`${path}.${process.pid}`, 'precious')
  await expect(create(path)).rejects.toMatchObject({ code: 'address-unavailable' })
  expect(readFileSync(`${path}.${process.pid}`, 'utf8')).toBe('precious')
})

test('a directory that is not there is told, and not made', async () => {
  const path = join(directory.path, 'none', 'a.sock')
  await expect(create(path)).rejects.toMatchObject({
    code: 'address-unavailable',
    details: { reason: `there is no directory "${join(directory.path, 'none')}"` },
  })
  expect(contents()).toEqual([])
})

test('a path that would be cut short is refused', async () => {
  const longest = join(directory.path, 'x'.repeat(95 - directory.path.length - 1))
  expect(await (await create(longest)).isOurs()).toBe(true)
  await expect(create(`${longest}x`)).rejects.toMatchObject({
    code: 'address-unavailable',
    details: { reason: "a socket's path may have 95 bytes" },
  })
})

test('a file that somebody else has put there is not removed at the end', async () => {
  const path = join(directory.path, 'a.sock')
  const file = await create(path)
  unlinkSync(path)
  await listen(path)
  expect(await file.isOurs()).toBe(false)
  await file.remove()
  expect(existsSync(path)).toBe(true)
  // Closing the first server must not remove it either: Node would remove what it had bound.
  await new Promise((resolve) => servers.shift()?.close(resolve))
  expect(existsSync(path)).toBe(true)
})
