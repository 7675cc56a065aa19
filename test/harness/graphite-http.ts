import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { until } from './kymo.ts'

// Debian's graphite-web belongs to Debian's Python, whatever other Python comes first on the path.
const PYTHON = '/usr/bin/python3'

export const hasGraphiteWeb =
  existsSync(PYTHON) && spawnSync(PYTHON, ['-c', 'import graphite, django, whisper']).status === 0

const SETTINGS = `
import os
BASE = os.environ['GRAPHITE_BASE']
SECRET_KEY = 'of no use to anybody'
STORAGE_DIR = BASE
WHISPER_DIR = os.path.join(BASE, 'whisper')
STANDARD_DIRS = [WHISPER_DIR]
LOG_DIR = os.path.join(BASE, 'log')
INDEX_FILE = os.path.join(BASE, 'index')
DATABASES = {'default': {'NAME': os.path.join(BASE, 'graphite.db'), 'ENGINE': 'django.db.backends.sqlite3'}}
CARBONLINK_HOSTS = []
TIME_ZONE = 'UTC'
ALLOWED_HOSTS = ['*']
CACHES = {'default': {'BACKEND': 'django.core.cache.backends.dummy.DummyCache'}}
`

const SERVER = `
import django
django.setup()
from django.core.management import call_command
call_command('migrate', run_syncdb=True, verbosity=0)
from django.core.wsgi import get_wsgi_application
from wsgiref.simple_server import make_server, WSGIRequestHandler
class Quiet(WSGIRequestHandler):
    def log_message(self, *args): pass
server = make_server('127.0.0.1', 0, get_wsgi_application(), handler_class=Quiet)
print(server.server_port, flush=True)
server.serve_forever()
`

const UNPACK = `
import collections, collections.abc, io, json, os, pickle, sys
class Plain(pickle.Unpickler):
    "Of classes it knows intervals only, which it reads as what they are made of."
    def find_class(self, module, name):
        raise pickle.UnpicklingError(module + '.' + name)
body = sys.stdin.buffer.read()
if sys.argv[1] == 'pickle':
    value = Plain(io.BytesIO(body)).load()
else:
    collections.Hashable = collections.abc.Hashable
    import graphite.umsgpack as msgpack
    value = msgpack.unpackb(body)
print(json.dumps(value))
`

/** A real graphite-web over the whisper files in \`whisper/\` of a folder. */
export class GraphiteWeb {
  readonly #child: ChildProcess
  #port = 0

  private constructor(child: ChildProcess) {
    this.#child = child
  }

  static async start(folder: string): Promise<GraphiteWeb> {
    for (const name of ['whisper', 'log']) mkdirSync(join(folder, name), { recursive: true })
    writeFileSync(join(folder, 'kymo_test_settings.py'), SETTINGS)
    const child = spawn(PYTHON, ['-W', 'ignore', '-c', SERVER], {
      env: {
        ...process.env,
        GRAPHITE_BASE: folder,
        PYTHONPATH: folder,
        DJANGO_SETTINGS_MODULE: 'graphite.settings',
        GRAPHITE_SETTINGS_MODULE: 'kymo_test_settings',
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    const server = new GraphiteWeb(child)
    let [stdout, stderr] = ['', '']
    child.stdout?.on('data', (text: Buffer) => (stdout += text.toString()))
    child.stderr?.on('data', (text: Buffer) => (stderr += text.toString()))
    await until('graphite-web is there', () => stdout.includes('\n') || child.exitCode !== null, 60_000)
    server.#port = Number(/^[0-9]+$/m.exec(stdout)?.[0] ?? 0)
    if (server.#port === 0) throw new Error(`graphite-web did not start: ${stderr}`)
    return server
  }

  url(path: string): string {
    return `http://127.0.0.1:${this.#port}${path}`
  }

  stop(): void {
    this.#child.kill('SIGKILL')
  }
}

/** What Python reads in bytes. */
export function unpackInPython(kind: 'pickle' | 'msgpack', bytes: Uint8Array): unknown {
  const { status, stdout, stderr } = spawnSync(PYTHON, ['-W', 'ignore', '-c', UNPACK, kind], {
    input: bytes,
    encoding: 'utf8',
  })
  if (status !== 0) throw new Error(`Python does not read it: ${stderr}`)
  return JSON.parse(stdout)
}
