import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { dataArgument } from './data-argument.ts'

const cwd = mkdtempSync(join(tmpdir(), 'kymo-argument-'))
writeFileSync(join(cwd, 'config'), '')
afterAll(() => rmSync(cwd, { recursive: true }))

test.each([
  [['.'], ['--data', '.']],
  [['missing'], ['--data', 'missing']],
  [
    ['--json', 'data', '--verbose'],
    ['--json', '--data', 'data', '--verbose'],
  ],
  [
    ['--data', 'data'],
    ['--data', 'data'],
  ],
  [['--data=data'], ['--data=data']],
  [
    ['--by-prefix', '2', 'data'],
    ['--by-prefix', '2', '--data', 'data'],
  ],
  [['kymo.yaml'], ['kymo.yaml']],
  [['config'], ['config']],
  [[], []],
])('%j is read as %j', (argv, wanted) => {
  expect(dataArgument(argv, cwd)).toEqual(wanted)
})
