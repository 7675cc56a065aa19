import { childOf } from './schema-node.ts'
import { FLAGS, type GivenFlags } from './flags.ts'
import { emptyTree, type Layer, pathId, setAt } from './layer.ts'
import { type Option, readText } from './option-table.ts'
import type { Source } from './source.ts'

/** What the flags say about options. `sinksBelow` is the list that the other sources made, for `--stdout` to add to. */
export function readFlagLayer(
  { given }: GivenFlags,
  options: ReadonlyMap<string, Option>,
  sinksBelow: unknown,
): Layer {
  const input = emptyTree()
  const values = new Map<string, Source>()
  const set = (path: readonly string[], value: unknown, flag: string): void => {
    setAt(input, path, value)
    values.set(pathId(path), { kind: 'flag', flag: `--${flag}` })
  }

  for (const { name, key, sets } of FLAGS) {
    const value = given.get(name)
    if (value === undefined || key === undefined) continue
    const option = options.get(key)
    if (option === undefined) throw new Error(`BUG: --${name} sets the option ${key}, which there is not`)
    set(option.path, value === true ? (sets ?? true) : readText(option.node, value), name)
    // A directory given on the command line is meant to be used, whatever the file says.
    if (name === 'data') set(['store', 'enabled'], true, name)
  }

  for (const type of ['stdout', 'stderr']) {
    const sinks = sinksBelow ?? []
    if (!given.has(type) || !Array.isArray(sinks)) continue
    if (sinks.some((sink) => childOf(sink, 'type') === type)) continue
    input.sinks = [...(sinks as unknown[]), { type }]
    values.set(pathId(['sinks', sinks.length]), { kind: 'flag', flag: `--${type}` })
  }
  return { input, values }
}
