import { configSchema } from '../../src/config/schema.ts'
import { describeSchema } from '../../src/config/schema-node.ts'

/** The JSON Schema of kymo.yaml, for editors. */
export function renderConfigSchema(): string {
  const { $schema, ...schema } = withoutOwnKeys(describeSchema(configSchema)) as Record<string, unknown>
  const head = { $schema, title: 'Kymo configuration', description: 'kymo.yaml: everything that can be set.' }
  return `${JSON.stringify({ ...head, ...schema }, null, 2)}\n`
}

/** What our option kinds add for themselves and no editor knows. */
const OWN_KEYS = new Set(['kind', 'least', 'most', 'noun', 'secret'])

function withoutOwnKeys(node: unknown): unknown {
  if (Array.isArray(node)) return node.map(withoutOwnKeys)
  if (typeof node !== 'object' || node === null) return node
  const isSchema = 'type' in node || 'anyOf' in node || 'oneOf' in node
  return Object.fromEntries(
    Object.entries(node)
      .filter(([key, value]) => !(isSchema && (OWN_KEYS.has(key) || isEmptySection(key, value))))
      .map(([key, value]) => [key, key === 'default' ? value : withoutOwnKeys(value)]),
  )
}

/** That a section may be left out is said by its not being required. */
function isEmptySection(key: string, value: unknown): boolean {
  return key === 'default' && JSON.stringify(value) === '{}'
}
