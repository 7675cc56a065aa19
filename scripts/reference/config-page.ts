import { describeType } from '../../src/config/describe-type.ts'
import { FLAGS } from '../../src/config/flags.ts'
import { listOptions, type Option } from '../../src/config/option-table.ts'
import { variableOf } from '../../src/config/read-environment.ts'
import { configSchema } from '../../src/config/schema.ts'
import { describeSchema, type SchemaNode, typesOf } from '../../src/config/schema-node.ts'
import { code, page, table } from './markdown.ts'

export const EXAMPLE = `# yaml-language-server: $schema=./node_modules/kymo/docs/reference/config.schema.json
flush:
  interval: 10s
store:
  path: /var/lib/kymo
  retention: 1y
http:
  port: 8080
sinks:
  - type: graphite
    host: carbon.example.net
`

export function renderConfigPage(): string {
  const root = describeSchema(configSchema)
  const sections = Object.entries(root.properties ?? {})
  const top = listOptions({ properties: Object.fromEntries(sections.filter(([, node]) => !node.properties)) })
  const variants = root.properties?.sinks?.items?.oneOf ?? []
  return page(
    '# Configuration',
    'Kymo needs no configuration. What is to be different from the defaults is said by, in this order of precedence:',
    [
      '1. a flag: `--http-port 9000`',
      '2. a variable of the environment: `KYMO_HTTP_PORT=9000`, or `KYMO_HTTP_PORT_FILE=/run/port` for a file that holds the value',
      '3. a YAML file: the one named on the command line, else `./kymo.yaml` if it exists',
      '4. the default',
    ].join('\n'),
    'Sections are joined key by key; a list replaces the whole list below it. `--stdout` and `--stderr` add a sink to whatever list there is, and `--data` turns the store on.',
    `\`\`\`yaml\n${EXAMPLE}\`\`\``,
    'The first line lets editors complete and check the file. `kymo check-config` lists every problem at once, each with its line and column; `kymo print-config` shows each value and where it came from.',
    'Durations and sizes carry a unit: `500ms`, `10s`, `5m`, `24h`, `90d`, `2w`, `5y`; `64KiB`, `8MiB`, `1GiB`, or `64kB`, `8MB`, `1GB` for powers of ten. A day has 24 hours and a year 365 days. Relative paths start at the working directory.',
    'A list is given in a variable as JSON, or as words with commas between: `KYMO_AGGREGATOR_PERCENTILES=90,99`. An empty variable counts as not set. Other variables that begin with `KYMO_` are mistakes and refused, but for those that Kubernetes makes for services named `kymo`.',
    '*Reload* says what a change needs: yes, and SIGHUP or `POST /api/reload` is enough ([docs/guide/operations.md](../guide/operations.md#changing-the-configuration)); otherwise it takes effect at the next start. A list can be reloaded with all that is in it, or not at all.',
    '## Top level',
    optionTable(top),
    ...sections.flatMap(([key, node]) =>
      node.properties === undefined
        ? []
        : [`## ${key}`, node.description ?? '', optionTable(listOptions(node, [key]))],
    ),
    ...listsOfSections(root).flatMap(([key, { items }]) => [
      `## ${key}`,
      `Each entry of \`${key}\` may have these keys.`,
      entryTable(items ?? {}),
    ]),
    '## Sinks',
    'Each entry of `sinks` has a `type` and the options of its type. No two may have one name, and none the name `store`.',
    ...variants.flatMap((variant) => [
      `### ${typesOf(variant).join(', ')}`,
      variant.description ?? '',
      entryTable(variant),
    ]),
  )
}

/** Lists whose entries are sections all of one kind. */
function listsOfSections(root: SchemaNode): (readonly [string, SchemaNode])[] {
  return listOptions(root)
    .filter(({ node }) => node.items?.properties !== undefined)
    .map(({ key, node }) => [key, node])
}

function optionTable(options: readonly Option[]): string {
  return table(
    ['Key', 'Meaning', 'Value', 'Default', 'Reload', 'Flag', 'Variable'],
    options.map((option) => [
      code(option.key),
      option.node.description ?? '',
      describeValue(option.node),
      describeDefault(option.node),
      option.isReloadable ? 'yes' : '',
      code(flagsOf(option).join('`, `')),
      code(variableOf(option)),
    ]),
  )
}

function entryTable(entry: SchemaNode): string {
  const options = listOptions(entry).filter(({ key }) => key !== 'type')
  return table(
    ['Key', 'Meaning', 'Value', 'Default'],
    options.map(({ key, node }) => [
      code(key),
      node.description ?? '',
      describeValue(node),
      describeDefault(node),
    ]),
  )
}

function describeValue(node: SchemaNode): string {
  return node.secret ? `${describeType(node)}, secret` : describeType(node)
}

function describeDefault(node: SchemaNode): string {
  if (node.default === undefined) return ''
  return code(typeof node.default === 'string' ? node.default : JSON.stringify(node.default))
}

function flagsOf(option: Option): string[] {
  return FLAGS.filter(({ key }) => key === option.key).map(({ name }) => `--${name}`)
}
