import { listOptions } from '../../src/config/option-table.ts'
import { configSchema } from '../../src/config/schema.ts'
import { describeSchema } from '../../src/config/schema-node.ts'

/** The JSON Schema of kymo.yaml, for editors. */
export function renderConfigSchema(): string {
  const root = describeSchema(configSchema)
  const notes = new Map<unknown, string>(
    listOptions(root).map(({ node, isReloadable }) => [
      node,
      isReloadable ? 'Can be reloaded.' : 'Takes effect at the next start.',
    ]),
  )
  const { $schema, ...schema } = forEditors(root, notes) as Record<string, unknown>
  const head = { $schema, title: 'Kymo configuration', description: 'kymo.yaml: everything that can be set.' }
  return `${JSON.stringify({ ...head, ...schema }, null, 2)}\n`
}

/** What our option kinds add for themselves and no editor knows. */
const OWN_KEYS = new Set(['kind', 'least', 'most', 'noun', 'secret', 'isReloadable'])

/** Without our own keys; what one of them says to people is added to the description. */
function forEditors(node: unknown, notes: ReadonlyMap<unknown, string>): unknown {
  if (Array.isArray(node)) return node.map((item) => forEditors(item, notes))
  if (typeof node !== 'object' || node === null) return node
  const isSchema = 'type' in node || 'anyOf' in node || 'oneOf' in node
  return Object.fromEntries(
    Object.entries(node)
      .filter(([key, value]) => !(isSchema && (OWN_KEYS.has(key) || isEmptySection(key, value))))
      .map(([key, value]) => {
        if (key === 'description' && notes.has(node)) return [key, `${value} ${notes.get(node)}`]
        return [key, key === 'default' ? value : forEditors(value, notes)]
      }),
  )
}

/** That a section may be left out is said by its not being required. */
function isEmptySection(key: string, value: unknown): boolean {
  return key === 'default' && JSON.stringify(value) === '{}'
}
