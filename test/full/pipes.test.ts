// Whoever reads what Kymo prints may go away, or stand still: neither stops Kymo.
import { type ChildProcess, spawn } from 'node:child_process'
import { createSocket } from 'node:dgram'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { freePort } from '../harness/free-port.ts'
import { cleanUp, temporaryDirectory, until } from '../harness/kymo.ts'

const root = join(import.meta.dirname, '..', '..')
const shells: ChildProcess[] = []

afterAll(() => {
  for (const shell of shells) if (shell.pid !== undefined) killGroup(shell.pid)
  cleanUp()
})

/** What the shell has started, too. */
function killGroup(pid: number): void {
  try {
    process.kill(-pid, 'SIGKILL')
  } catch {
    // All of them have ended.
  }
}

/** `kymo --stdout … <pipeline>` in a shell; the exit code of Kymo is in `exitCode` when it has ended. */
async function startInPipe(pipeline: string) {
  const directory = temporaryDirectory()
  const [statsd, http] = [await freePort(), await freePort()]
  const command =
    `{ "${process.execPath}" bin/kymo.js start --stdout --flush-interval 100ms --data ${directory}/data` +
    ` --statsd-port ${statsd} --http-port ${http} --graphite-port 0 --admin-port 0 2> ${directory}/stderr &` +
    ` echo $! > ${directory}/pid; wait $!; echo $? > ${directory}/code; } ${pipeline}`
  const isShared = pipeline.startsWith('2>&1')
  const script = isShared ? command.replace(` 2> ${directory}/stderr`, '') : command
  const shell = spawn('bash', ['-c', script], { cwd: root, detached: true, stdio: 'ignore' })
  shells.push(shell)
  const url = `http://127.0.0.1:${http}`
  await until('it is ready', () =>
    fetch(`${url}/ready`).then(
      ({ ok }) => ok,
      () => false,
    ),
  )
  const socket = createSocket('udp4')
  socket.unref()
  return {
    url,
    send: (text: string) => new Promise((resolve) => socket.send(text, statsd, '127.0.0.1', resolve)),
    read: (file: string) => readFileSync(join(directory, file), 'utf8'),
    stop: () => process.kill(Number(readFileSync(join(directory, 'pid'), 'utf8')), 'SIGTERM'),
    async exitCode(): Promise<string> {
      const path = join(directory, 'code')
      await until('it has ended', () => {
        try {
          return readFileSync(path, 'utf8').endsWith('\n')
        } catch {
          return false
        }
      })
      return readFileSync(path, 'utf8').trim()
    },
  }
}

test('a reader of stdout that goes away is said in one line, and the end is clean', async () => {
  const kymo = await startInPipe('| head -n 1')
  for (let round = 0; round < 5; round++) {
    await kymo.send('x:1|c')
    await new Promise((resolve) => setTimeout(resolve, 150))
  }
  await until('it is said', () => kymo.read('stderr').includes('EPIPE'))
  expect((await fetch(`${kymo.url}/ready`)).status).toBe(200)
  kymo.stop()
  expect(await kymo.exitCode()).toBe('0')
  expect(kymo.read('stderr')).not.toMatch(/node:|Unhandled|\bat file:/)
  expect(kymo.read('stderr').match(/EPIPE/g)?.length).toBe(1)
})

test('a reader of stdout and stderr that stands still holds up nothing', async () => {
  const kymo = await startInPipe('2>&1 | sleep 60')
  // 64 KiB are soon in the pipe, and then both kinds of output have nowhere to go.
  const lines = Array.from({ length: 25 }, (_, index) => `full.of.names.${index}:1|ms`).join('\n')
  const received = async () => {
    const status = (await (await fetch(`${kymo.url}/api/status`)).json()) as {
      lines: { received: number }
      sinks: { queuedPoints: number }[]
    }
    return { lines: status.lines.received, queued: status.sinks[0]?.queuedPoints ?? 0 }
  }
  await until('nothing goes out any more', async () => {
    await kymo.send(`${lines}\nbad line`)
    return (await received()).queued > 3_000
  })
  const before = (await received()).lines
  for (let packet = 0; packet < 20; packet++) await kymo.send(`${lines}\nbad line`)
  await until('all has been received', async () => (await received()).lines === before + 20 * 26)
  kymo.stop()
  expect(await kymo.exitCode()).toBe('0')
})
