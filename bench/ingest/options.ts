import { parseArgs } from 'node:util'

export interface Options {
  /** Names of rows; empty: all. */
  readonly only: readonly string[]
  readonly rounds: number
  readonly loadSeconds: number
  readonly warmUpSeconds: number
  /** What makes Kymo receive without its native part. */
  readonly dgramArgs: readonly string[]
  readonly isQuick: boolean
  readonly isHelp: boolean
}

/** Throws a TypeError that says what is wrong. */
export function readOptions(args: readonly string[], rowNames: readonly string[]): Options {
  const { values } = parseArgs({
    args: [...args],
    options: {
      only: { type: 'string' },
      rounds: { type: 'string' },
      quick: { type: 'boolean', default: false },
      'dgram-flags': { type: 'string', default: '--receiver dgram' },
      help: { type: 'boolean', default: false },
    },
  })
  const rounds = Number(values.rounds ?? (values.quick ? 1 : 3))
  if (!Number.isInteger(rounds) || rounds < 1)
    throw new TypeError(`--rounds ${values.rounds} is no whole number from 1.`)
  const only = values.only?.split(',').filter((name) => name !== '') ?? []
  const unknown = only.find((name) => !rowNames.includes(name))
  if (unknown !== undefined) throw new TypeError(`There is no row "${unknown}".`)
  return {
    only,
    rounds,
    loadSeconds: values.quick ? 2 : 10,
    warmUpSeconds: values.quick ? 1 : 2,
    dgramArgs: values['dgram-flags'].split(' ').filter((word) => word !== ''),
    isQuick: values.quick,
    isHelp: values.help,
  }
}
