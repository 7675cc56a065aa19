import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'

// Debian's whisper belongs to Debian's Python, whatever other Python comes first on the path.
const PYTHON = '/usr/bin/python3'

export const hasPythonWhisper = existsSync(PYTHON) && spawnSync(PYTHON, ['-c', 'import whisper']).status === 0

/** What the test does with the real whisper, and what it knows of it. */
const FUNCTIONS = `
import json, os, random, sys, whisper

def make(root, series, now):
    "A file per series, written as carbon writes: batches of points, as time goes on."
    for number, (place, archives, xff, method, every, seconds) in enumerate(series):
        path = os.path.join(root, place)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        whisper.create(path, [tuple(a) for a in archives], xFilesFactor=xff, aggregationMethod=method)
        chance = random.Random(number)
        times = [t for t in range(now - seconds, now + 1, every) if chance.random() < 0.9]
        for start in range(0, len(times), 40):
            batch = [(t, round(chance.gauss(100, 30), number % 4)) for t in times[start:start + 40]]
            whisper.update_many(path, batch, batch[-1][0])

def read(root, places, now):
    "Per file and archive: what whisper shows of it, seen from now."
    found = {}
    for place in places:
        path = os.path.join(root, place)
        info = whisper.info(path)
        own = []
        for archive in info['archives']:
            start = now - archive['retention']
            (first, end, step), values = whisper.fetch(path, start, now, now)
            assert step == archive['secondsPerPoint']
            own.append([[first + i * step, v] for i, v in enumerate(values) if v is not None])
        found[place] = {'method': info['aggregationMethod'], 'xff': info['xFilesFactor'],
                        'archives': [[a['secondsPerPoint'], a['points']] for a in info['archives']], 'points': own}
    return found

def operate(root, seed, count):
    "Files made by random operations, with what was done to each."
    chance = random.Random(seed)
    made = []
    for number in range(count):
        archives = chance.choice([[[1, 60], [60, 120]], [[10, 36], [60, 60], [600, 144]], [[60, 5]], [[60, 30], [300, 24], [1800, 48]]])
        xff = chance.choice([0, 0.3, 0.5, 1.0])
        method = chance.choice(['average', 'sum', 'last', 'max', 'min', 'avg_zero', 'absmax', 'absmin'])
        path = os.path.join(root, '%d.wsp' % number)
        whisper.create(path, [tuple(a) for a in archives], xFilesFactor=xff, aggregationMethod=method)
        longest = max(a * b for a, b in archives)
        now = 1700000000 + chance.randrange(5000)
        done = []
        for _ in range(chance.randrange(1, 25)):
            now += chance.randrange(200)
            if chance.random() < 0.4:
                point = [now - chance.randrange(-20, longest + 20), chance.choice([0.0, -0.0, chance.uniform(-5, 5), float(chance.randrange(100))])]
                try:
                    whisper.update(path, point[1], point[0], now)
                except whisper.TimestampNotCovered:
                    pass
                done.append(['update', [point], now])
            else:
                reach = chance.choice([100, longest])
                points = [[now - chance.randrange(reach), float(chance.randrange(-50, 50))] for _ in range(chance.randrange(1, 80))]
                whisper.update_many(path, [tuple(p) for p in points], now)
                done.append(['update_many', points, now])
        made.append({'path': path, 'archives': archives, 'xff': xff, 'method': method, 'done': done})
    return made

print(json.dumps(globals()[sys.argv[1]](*json.loads(sys.argv[2]))))
`

/** Calls one of the functions above. */
export function callPython<Answer>(name: 'make' | 'read' | 'operate', ...args: readonly unknown[]): Answer {
  const result = spawnSync(PYTHON, ['-c', FUNCTIONS, name, JSON.stringify(args)], {
    encoding: 'utf8',
    maxBuffer: 1024 * 1024 * 1024,
  })
  if (result.status !== 0) throw new Error(`whisper failed: ${result.stderr}`)
  return JSON.parse(result.stdout) as Answer
}
