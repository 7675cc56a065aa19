import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'

// Debian's graphite-web belongs to Debian's Python, whatever other Python comes first on the path.
const PYTHON = '/usr/bin/python3'

export const hasGraphiteWeb =
  existsSync(PYTHON) &&
  existsSync('/usr/lib/python3/dist-packages/graphite/render/functions.py') &&
  spawnSync(PYTHON, ['-c', 'import django, whisper']).status === 0

export interface GraphiteWebJob {
  /** Where it may put its files. */
  readonly folder: string
  readonly stepSeconds: number
  readonly series: readonly {
    readonly name: string
    readonly points: readonly (readonly [number, number])[]
  }[]
  /** The query strings of `/render`. */
  readonly requests: readonly string[]
}

export interface GraphiteWebAnswer {
  readonly status: number
  readonly body: string
}

/** Answers of a real graphite-web, which finds the series in whisper files of its own. */
export function askGraphiteWeb(job: GraphiteWebJob): GraphiteWebAnswer[] {
  const { status, stdout, stderr } = spawnSync(PYTHON, ['-W', 'ignore', '-c', ASK], {
    input: JSON.stringify(job),
    encoding: 'utf8',
    maxBuffer: 256 * 1024 * 1024,
    timeout: 100_000,
  })
  if (status !== 0) throw new Error(`graphite-web ended with ${status}: ${stderr.slice(-2_000)}`)
  return JSON.parse(stdout) as GraphiteWebAnswer[]
}

const ASK = `
import json, logging, os, sys, time, types
job = json.load(sys.stdin)
place = lambda *names: os.path.join(job['folder'], *names)
for name in ('whisper', 'log', 'index'):
    os.makedirs(place(name), exist_ok=True)

from graphite import settings as defaults
settings = types.ModuleType('settings_of_this_test')
for name in dir(defaults):
    if name.isupper():
        setattr(settings, name, getattr(defaults, name))
settings.SECRET_KEY = 'of this test'
settings.DATABASES = {'default': {'ENGINE': 'django.db.backends.sqlite3', 'NAME': ':memory:'}}
settings.CACHES = {'default': {'BACKEND': 'django.core.cache.backends.dummy.DummyCache'}}
settings.WHISPER_DIR = place('whisper')
settings.STANDARD_DIRS = [settings.WHISPER_DIR]
settings.LOG_DIR = place('log')
settings.INDEX_FILE = place('index', 'index')
settings.TIME_ZONE = 'UTC'
settings.ALLOWED_HOSTS = ['*']
settings.CARBONLINK_HOSTS = []
sys.modules['settings_of_this_test'] = settings
os.environ['DJANGO_SETTINGS_MODULE'] = 'settings_of_this_test'
import django
django.setup()
logging.disable(logging.CRITICAL)

import whisper
now = int(time.time())
for series in job['series']:
    path = place('whisper', *series['name'].split('.')) + '.wsp'
    os.makedirs(os.path.dirname(path), exist_ok=True)
    whisper.create(path, [(job['stepSeconds'], 3 * 86400 // job['stepSeconds'])], xFilesFactor=0)
    whisper.update_many(path, [tuple(point) for point in series['points']], now)

from django.test import Client
client = Client(raise_request_exception=False)
answers = []
for request in job['requests']:
    answer = client.get('/render?' + request)
    answers.append({'status': answer.status_code, 'body': answer.content.decode('utf8', 'replace')})
json.dump(answers, sys.stdout)
`
