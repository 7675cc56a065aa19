import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { REJECTION_REASONS } from '../../model/rejection.ts'
import { createStatsdFormat } from './statsd-format.ts'

const page = readFileSync(join(import.meta.dirname, '../../../docs/formats/statsd.md'), 'utf8')

function decode(line: string, profile: 'default' | 'statsd' = 'default'): string {
  const bytes = Buffer.from(line)
  const out = { packet() {}, sample() {}, point() {}, event() {} }
  return (
    createStatsdFormat({ profile }).decodeLine(bytes, 0, bytes.length, 1_700_000_000_000, out) ?? 'accepted'
  )
}

const rows = [...(page.split('## Rejected lines')[1] ?? '').matchAll(/^\| (`[a-z_`, ]+) \| (.*) \|$/gm)].map(
  ([, reasons = '', examples = '']) => ({
    reasons: codesIn(reasons),
    examples: codesIn(examples),
    examplesText: examples,
  }),
)

test('every reason but that of pickles is on the page', () => {
  const ofLines = REJECTION_REASONS.filter((reason) => reason !== 'bad_pickle')
  expect(rows.flatMap(({ reasons }) => reasons).sort()).toEqual(ofLines.sort())
})

const examples = rows.flatMap(({ reasons, examples, examplesText }) =>
  examples.map(
    (line) => [line, reasons[0], examplesText.includes('profile') ? 'statsd' : 'default'] as const,
  ),
)

test.each(examples.filter(([line]) => line !== 'statsd'))('%s is %s', (line, reason, profile) => {
  expect(decode(line, profile)).toBe(reason)
})

test('the examples of events and of several values are taken', () => {
  const blocks = [...page.matchAll(/^```\w*\n([\s\S]*?)^```/gm)].flatMap(([, block = '']) =>
    block.split('\n'),
  )
  const lines = blocks
    .filter((line) => /^(_e\{|_sc\||api|na)/.test(line))
    .map((line) => line.replace(/ {2,}.*$/, ''))
    .filter((line) => /[:|]/.test(line))
  expect(lines.length).toBeGreaterThan(8)
  expect(lines.filter((line) => decode(line) !== 'accepted')).toEqual([])
})

function codesIn(cell: string): string[] {
  return [...cell.matchAll(/`([^`]+)`/g)].map(([, code = '']) => code.replaceAll('\\|', '|'))
}
