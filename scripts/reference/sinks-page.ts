import { stringify } from 'yaml'
import { SINKS } from '../../src/sinks/options.ts'
import { code, page, table } from './markdown.ts'

export function renderSinksPage(): string {
  return page(
    '# Sinks',
    'Where Kymo can pass metrics on. What is said at least, or typically, is an entry of `sinks` in `kymo.yaml`; all options of each are in [config.md](config.md#sinks), and [docs/guide/sinks.md](../guide/sinks.md) says more.',
    table(
      ['Type', 'What it does', 'For example'],
      SINKS.map(({ types, options, example }) => [
        types.map(code).join(', '),
        options.meta()?.description ?? '',
        code(inOneLine({ type: types[0], ...example })),
      ]),
    ),
  )
}

function inOneLine(value: object): string {
  return stringify(value, { collectionStyle: 'flow', flowCollectionPadding: true, lineWidth: 0 }).trim()
}
