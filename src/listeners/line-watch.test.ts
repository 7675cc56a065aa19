import { expect, test } from 'vitest'
import { FakeClock } from '../lib/fake-clock.ts'
import type { LineSample } from '../model/line-sample.ts'
import type { TapNews, TapQuestion } from '../model/tap.ts'
import { statsdFormat } from '../formats/index.ts'
import { LINES_PER_SECOND, LineWatch, WATCH_MS } from './line-watch.ts'
import { LineIntake } from './line-intake.ts'
import { createIntakeFixture } from './testdata/intake-fixture.ts'

const SENDER = { address: '10.0.0.7', port: 4000 }

function setUp() {
  const clock = new FakeClock()
  const shown: LineSample[] = []
  const tapped: TapNews[] = []
  const watch = new LineWatch({
    clock,
    onTapped: (news) => tapped.push(news),
    admit: (key) => (key === 'secret' ? undefined : key === 'old' ? 'new' : key),
    onSample: (sample) => shown.push(sample),
  })
  const fixture = createIntakeFixture({ clock, watch })
  const intake = new LineIntake(fixture.options)
  const send = (text: string): void => {
    const bytes = Buffer.from(text)
    intake.beginPacket(bytes.length)
    intake.takeBlock(bytes, 0, bytes.length, SENDER)
  }
  return { clock, shown, watch, fixture, intake, send, tapped }
}

test('nothing is shown before somebody watches, nor after', () => {
  const { clock, shown, watch, send } = setUp()
  send('a:1|c\nbad\n')
  expect(shown).toEqual([])
  watch.begin()
  clock.advance(WATCH_MS - 1)
  watch.begin()
  clock.advance(WATCH_MS - 1)
  send('b:1|c\n')
  expect(shown.map(({ line }) => line)).toEqual(['b:1|c'])
  clock.advance(1)
  send('c:1|c\nbad\n')
  expect(shown).toHaveLength(1)
})

test('each line is shown with what it becomes, and is taken in once', () => {
  const { shown, watch, fixture, send } = setUp()
  watch.begin()
  send('old:1:2|ms\r\n\nsecret:1|c\nx:y|c\n')
  expect(shown.map(({ line, outcome, metrics, reason }) => ({ line, outcome, metrics, reason }))).toEqual([
    { line: 'old:1:2|ms', outcome: 'metric', metrics: [{ key: 'new', type: 'timer' }], reason: null },
    { line: 'secret:1|c', outcome: 'excluded', metrics: [], reason: null },
    { line: 'x:y|c', outcome: 'rejected', metrics: [], reason: 'bad_number' },
  ])
  expect(shown.every(({ sender, listener }) => sender === '10.0.0.7:4000' && listener === 'test-in')).toBe(
    true,
  )
  expect(fixture.samples.map(({ key, value }) => `${key} ${value}`)).toEqual(['old 1', 'old 2', 'secret 1'])
  expect([fixture.lines(), fixture.accepted()]).toEqual([3, 2])
})

test('a flood is shown in part, bad lines beside good ones', () => {
  const { clock, shown, watch, send } = setUp()
  watch.begin()
  send('good:1|c\n'.repeat(1_000))
  send('bad\n'.repeat(1_000))
  expect(shown.filter(({ outcome }) => outcome === 'metric')).toHaveLength(LINES_PER_SECOND)
  expect(shown.filter(({ outcome }) => outcome === 'rejected')).toHaveLength(LINES_PER_SECOND)
  clock.advance(1_000)
  send('later:1|c\n')
  expect(shown.at(-1)?.line).toBe('later:1|c')
})

test('what is shown is cut and escaped, and a line that is too long is shown with its reason', () => {
  const { shown, watch, intake, send } = setUp()
  watch.begin()
  send(`evil\u001b[2J${'x'.repeat(1_000)}:1|c\n`)
  const long = Buffer.alloc(statsdFormat.maxLineBytes + 1, 'a')
  intake.takeLine(long, 0, long.length, SENDER)
  expect(shown.map(({ outcome, reason }) => [outcome, reason]).at(-1)).toEqual(['rejected', 'too_long'])
  for (const { line } of shown) {
    expect(line.length).toBeLessThanOrEqual(500)
    expect(line).not.toContain('\u001b')
  }
})

const question = (own: Partial<TapQuestion> = {}): TapQuestion => ({
  id: 1,
  stage: 'received',
  pattern: undefined,
  sink: undefined,
  ...own,
})
const linesOf = (news: readonly TapNews[], id = 1): string[] =>
  news.flatMap((one) =>
    one.id === id ? one.items.flatMap((item) => (item.kind === 'line' ? [item.line] : [])) : [],
  )

test('one who asks for names is shown their lines, however many others come', () => {
  const { watch, send, tapped, shown, fixture } = setUp()
  watch.tap(question({ pattern: 'api.**' }))
  watch.tap(question({ id: 2, pattern: 'new' }))
  watch.tap(question({ id: 3 }))
  send(`${'web.a:1|c\n'.repeat(1_000)}api.b;t=1:1|c\nold:1|c\nsecret:1|c\nbad\n`)
  send('api.c.d:2|g')
  expect(linesOf(tapped, 1)).toEqual(['api.b;t=1:1|c', 'api.c.d:2|g'])
  expect(linesOf(tapped, 2)).toEqual(['old:1|c'])
  expect(linesOf(tapped, 3)).toHaveLength(200)
  expect(tapped.filter(({ id, leftOut }) => id === 3 && leftOut > 0)).toHaveLength(1)
  expect(shown).toEqual([])
  expect(fixture.lines()).toBe(1_005)
})

test('of a flood only so many lines are looked at in a second, and that is said once', () => {
  const { clock, watch, send, tapped } = setUp()
  watch.tap(question({ pattern: 'rare' }))
  send(`${'flood:1|c\n'.repeat(6_000)}rare:1|c\n`)
  send('flood:1|c\n')
  expect(tapped).toEqual([{ id: 1, items: [], leftOut: 1 }])
  clock.advance(1_000)
  send('rare:2|c\n')
  expect(linesOf(tapped)).toEqual(['rare:2|c'])
})

test('a tap ends by itself, and the page that watches has its lines beside it', () => {
  const { clock, watch, send, tapped, shown } = setUp()
  watch.tap(question({ pattern: 'a' }))
  watch.begin()
  send('a:1|c\nb:1|c\n')
  expect([linesOf(tapped), shown.map(({ line }) => line)]).toEqual([['a:1|c'], ['a:1|c', 'b:1|c']])
  clock.advance(4_000)
  watch.tap(question({ pattern: 'a' }))
  clock.advance(4_000)
  send('a:2|c\n')
  clock.advance(1_001)
  expect(watch.isOn).toBe(false)
  send('a:3|c\n')
  expect(linesOf(tapped)).toEqual(['a:1|c', 'a:2|c'])
})
