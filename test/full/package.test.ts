// What npm would publish, without the sources: it is built, put elsewhere, and runs.
import { execFileSync } from 'node:child_process'
import { cpSync, existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { cleanUp, KymoProcess, temporaryDirectory, until } from '../harness/kymo.ts'

const root = resolve(import.meta.dirname, '../..')
let directory: string
let command: string

beforeAll(() => {
  execFileSync(process.execPath, ['scripts/run.mjs', 'build'], { cwd: root })
  directory = temporaryDirectory()
  const { files } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { files: string[] }
  for (const name of ['package.json', ...files])
    cpSync(join(root, name), join(directory, name), { recursive: true })
  // All that it may load beside itself.
  for (const name of ['koffi', '@koromix'])
    if (existsSync(join(root, 'node_modules', name)))
      cpSync(join(root, 'node_modules', name), join(directory, 'node_modules', name), { recursive: true })
  command = join(directory, 'bin/kymo.js')
})
afterAll(cleanUp)

test('it has a file for each thread, and the licenses of what is in them', () => {
  const built = readdirSync(join(directory, 'dist/server'))
  for (const name of [
    'main',
    'keeper',
    'receiver',
    'stream',
    'query',
    'delivery',
    'packer-thread',
    'module-thread',
  ])
    expect(built).toContain(`${name}.js`)
  const licenses = built
    .filter((name) => name.startsWith('third-party-licenses-of-'))
    .map((name) => readFileSync(join(directory, 'dist/server', name), 'utf8'))
    .join('')
  for (const name of ['fastify', 'zod', 'yaml']) expect(licenses).toMatch(new RegExp(`^## ${name} - `, 'm'))
})

test('what a start waits for is in few files', () => {
  const importsOf = (name: string): string[] =>
    [...readFileSync(join(directory, 'dist/server', name), 'utf8').matchAll(/(?:from|import)"\.\/([^"]+)"/g)]
      .map(([, file = '']) => file)
      .toSorted()
  expect(importsOf('receiver.js')).toEqual([])
  expect(importsOf('main.js')).toEqual(['main-begin.js'])
  expect(importsOf('main-begin.js')).toEqual([])
  expect(importsOf('main-serve.js')).toEqual(['main-begin.js', 'main-rolldown-runtime.js'])
})

test('it receives, keeps, answers, passes on and shows its page, with nothing but koffi beside it', async () => {
  const place = temporaryDirectory()
  const file = join(place, 'kymo.yaml')
  writeFileSync(file, 'sinks: [{type: stdout, format: json}]\n')
  const data = temporaryDirectory()
  const kymo = await KymoProcess.start({ command, data, args: [file] })
  await kymo.udp('hello:1|c')
  await kymo.received(1)
  await kymo.flush()
  await until('the sink has it', () => kymo.stdout.includes('"hello"'))
  const answer = await kymo.json<{ target: string }[]>(
    '/render?target=stats.counters.hello.count&from=-1d&until=%2B1d&format=json',
  )
  expect(answer[0]?.target).toBe('stats.counters.hello.count')
  expect(await (await fetch(kymo.url('/'))).text()).toContain('<html')
  expect(await kymo.json<{ openapi: string }>('/api/openapi.json')).toMatchObject({ openapi: '3.1.0' })
  expect(await kymo.end()).toBe(0)
  // A thread packs the log when it stops.
  expect(readdirSync(join(data, 'blocks'))).toEqual(['00000001-00000001.block'])
  expect(readdirSync(join(data, 'log'))).toEqual([])
})

test('it runs a sink of its user, whose types it has', async () => {
  const place = temporaryDirectory()
  writeFileSync(
    join(place, 'own.mjs'),
    'export const create = () => ({ flush: () => console.log("it runs") })',
  )
  const file = join(place, 'kymo.yaml')
  writeFileSync(file, 'sinks: [{module: ./own.mjs}]\n')
  const kymo = await KymoProcess.start({ command, args: [file] })
  await kymo.flush()
  await until('it ran', () => kymo.stdout.includes('it runs'))
  expect(await kymo.end()).toBe(0)
  const { exports } = JSON.parse(readFileSync(join(directory, 'package.json'), 'utf8')) as {
    exports: { '.': { types: string } }
  }
  expect(readFileSync(join(directory, exports['.'].types), 'utf8')).toContain('CreateSink')
})

test('it says what is wrong with a configuration', () => {
  const file = join(temporaryDirectory(), 'kymo.yaml')
  writeFileSync(file, 'http: {port: abc}\n')
  let stderr = ''
  try {
    execFileSync(process.execPath, [command, 'check-config', file], { encoding: 'utf8', stdio: 'pipe' })
  } catch (error) {
    stderr = String((error as { stderr: unknown }).stderr)
  }
  expect(stderr).toContain('config-invalid')
})

test('it keeps beside itself what it has compiled, and goes without where it cannot', () => {
  const run = (): string =>
    execFileSync(process.execPath, [command, 'version'], {
      encoding: 'utf8',
      env: { ...process.env, NODE_COMPILE_CACHE: undefined },
    })
  const kept = join(directory, '.compiled')
  rmSync(kept, { recursive: true, force: true })
  expect(run()).toMatch(/^kymo /)
  expect(readdirSync(kept, { recursive: true }).length).toBeGreaterThan(1)
  rmSync(kept, { recursive: true })
  writeFileSync(kept, 'no directory')
  expect(run()).toMatch(/^kymo /)
  rmSync(kept)
})
