import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Worker } from 'node:worker_threads'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { openDataDirectory } from './data-directory.ts'

let parent: string
let path: string
beforeEach(() => {
  parent = mkdtempSync(join(tmpdir(), 'kymo-data-'))
  path = join(parent, 'deep', 'data')
})
afterEach(() => {
  chmodSync(parent, 0o700)
  rmSync(parent, { recursive: true })
})

test('makes what is missing, and leaves nothing but its data when it is closed', () => {
  const directory = openDataDirectory(path)
  expect(readdirSync(path).sort()).toEqual(['FORMAT', 'blocks', 'kymo.lock', 'kymo.pid', 'log', 'tiers'])
  expect(readFileSync(join(path, 'FORMAT'), 'utf8')).toBe('kymo-data 3\n')
  expect(readFileSync(join(path, 'kymo.pid'), 'utf8')).toBe(`${process.pid}\n`)
  directory.close()
  directory.close()
  expect(readdirSync(path).sort()).toEqual(['FORMAT', 'blocks', 'kymo.lock', 'log', 'tiers'])
  openDataDirectory(path).close()
})

describe('what cannot be used is refused, with the path and the reason', () => {
  const cases: [string, () => void, { code: string; exitCode: number }][] = [
    [
      'a parent that is a file',
      () => writeFileSync(join(parent, 'deep'), ''),
      { code: 'data-uninitialisable', exitCode: 2 },
    ],
    [
      'a parent that is a loop of links',
      () => symlinkSync(join(parent, 'deep'), join(parent, 'deep')),
      { code: 'data-uninitialisable', exitCode: 2 },
    ],
    ['a file', () => write(path, 'hello'), { code: 'data-unopenable', exitCode: 1 }],
    ['a lock that is a folder', () => makeFolder('kymo.lock'), { code: 'data-unopenable', exitCode: 1 }],
    [
      'a lock that is no lock',
      () => write(join(path, 'kymo.lock'), 'x'.repeat(5_000)),
      { code: 'data-unopenable', exitCode: 1 },
    ],
    ['a FORMAT that is a folder', () => makeFolder('FORMAT'), { code: 'data-unopenable', exitCode: 1 }],
    [
      'a log that is a file',
      () => write(join(path, 'log'), 'hello'),
      { code: 'data-unopenable', exitCode: 1 },
    ],
    [
      'a loop of links',
      () => {
        makeFolder('..')
        symlinkSync(path, path)
      },
      { code: 'data-uninitialisable', exitCode: 2 },
    ],
    [
      'a log that is a loop of links',
      () => {
        makeFolder('')
        symlinkSync(join(path, 'log'), join(path, 'log'))
      },
      { code: 'data-unopenable', exitCode: 1 },
    ],
    [
      'a link to nowhere instead of the blocks',
      () => {
        makeFolder('')
        symlinkSync(join(path, 'nowhere'), join(path, 'blocks'))
      },
      { code: 'data-unopenable', exitCode: 1 },
    ],
    [
      'a newer format',
      () => write(join(path, 'FORMAT'), 'kymo-data 4\n'),
      { code: 'data-version', exitCode: 2 },
    ],
    [
      'the data of something else',
      () => write(join(path, 'FORMAT'), `\u001b[31m${'x'.repeat(10_000)}`),
      { code: 'data-version', exitCode: 2 },
    ],
  ]

  test.each(cases)('%s', (_, prepare, wanted) => {
    prepare()
    const error = errorOf(() => openDataDirectory(path))
    expect(error).toMatchObject(wanted)
    expect(error.message).toContain(path)
    expect(error.message.length).toBeLessThan(500)
    expect(error.message).not.toContain('\u001b')
    // Nothing is left locked.
    rmSync(join(parent, 'deep'), { recursive: true, force: true })
    openDataDirectory(path).close()
  })

  test.skipIf(process.getuid?.() === 0)('a directory that may not be written to', () => {
    openDataDirectory(path).close()
    chmodSync(path, 0o500)
    expect(errorOf(() => openDataDirectory(path))).toMatchObject({ code: 'data-unopenable', exitCode: 1 })
    chmodSync(path, 0o700)
    path = join(parent, 'other', 'data')
    chmodSync(parent, 0o500)
    expect(errorOf(() => openDataDirectory(path))).toMatchObject({
      code: 'data-uninitialisable',
      exitCode: 2,
    })
  })

  test('the format of the first Kymo is taken over', () => {
    write(join(path, 'FORMAT'), 'kymo-data 1\n')
    openDataDirectory(path).close()
    expect(readFileSync(join(path, 'FORMAT'), 'utf8')).toBe('kymo-data 3\n')
  })

  test('an empty FORMAT, as a full disk leaves it, is written anew', () => {
    write(join(path, 'FORMAT'), '')
    openDataDirectory(path).close()
    expect(readFileSync(join(path, 'FORMAT'), 'utf8')).toBe('kymo-data 3\n')
  })
})

describe('one process at a time', () => {
  const children: ChildProcess[] = []
  afterEach(() => {
    for (const child of children.splice(0)) child.kill('SIGKILL')
  })

  const startHolder = async (): Promise<{ child: ChildProcess; answer: string }> => {
    const script = join(import.meta.dirname, 'testdata', 'hold-directory.ts')
    const child = spawn(process.execPath, [script, path], { stdio: ['ignore', 'pipe', 'inherit'] })
    children.push(child)
    const [answer] = (await once(child.stdout, 'data')) as [Buffer]
    return { child, answer: answer.toString().trim() }
  }

  test('a second open in this process is refused, also from another thread', async () => {
    const directory = openDataDirectory(path)
    expect(errorOf(() => openDataDirectory(path))).toMatchObject({
      code: 'data-in-use',
      exitCode: 5,
      details: { path, holder: ` (process ${process.pid})` },
    })
    const script = join(import.meta.dirname, 'testdata', 'hold-directory.ts')
    const thread = new Worker(script, { argv: [path], stdout: true })
    const [answer] = (await once(thread.stdout, 'data')) as [Buffer]
    expect(answer.toString()).toBe('data-in-use\n')
    await thread.terminate()
    // The refusals have not loosened the lock.
    expect((await startHolder()).answer).toBe('data-in-use')
    directory.close()
    openDataDirectory(path).close()
  })

  test('a thread that ends lets go', async () => {
    const script = join(import.meta.dirname, 'testdata', 'hold-directory.ts')
    const thread = new Worker(script, { argv: [path], stdout: true })
    const [answer] = (await once(thread.stdout, 'data')) as [Buffer]
    expect(answer.toString()).toBe('held\n')
    expect(errorOf(() => openDataDirectory(path))).toMatchObject({ code: 'data-in-use' })
    await thread.terminate()
    openDataDirectory(path).close()
  })

  test('another process is named, and lets go when it is killed', async () => {
    const { child, answer } = await startHolder()
    expect(answer).toBe('held')
    expect(errorOf(() => openDataDirectory(path))).toMatchObject({
      code: 'data-in-use',
      details: { holder: ` (process ${child.pid})` },
    })
    const ended = once(child, 'exit')
    child.kill('SIGKILL')
    await ended
    expect(existsSync(join(path, 'kymo.pid'))).toBe(true)
    openDataDirectory(path).close()
  })

  test('a holder that cannot be named is not', () => {
    const directory = openDataDirectory(path)
    writeFileSync(join(path, 'kymo.pid'), 'rubbish')
    expect(errorOf(() => openDataDirectory(path))).toMatchObject({ details: { holder: '' } })
    rmSync(join(path, 'kymo.pid'))
    expect(errorOf(() => openDataDirectory(path))).toMatchObject({ details: { holder: '' } })
    directory.close()
  })
})

function write(file: string, text: string): void {
  mkdirSync(join(file, '..'), { recursive: true })
  writeFileSync(file, text)
}

function makeFolder(name: string): void {
  mkdirSync(join(path, name), { recursive: true })
}

function errorOf(action: () => { close(): void }): Error {
  try {
    action().close()
  } catch (error) {
    if (error instanceof Error) return error
  }
  throw new Error('nothing was refused')
}
