import * as z from 'zod'

/** Panels lie on a grid of so many columns. */
export const GRID_COLUMNS = 24
export const MAX_PANELS = 300
export const MAX_TARGETS = 50
export const MAX_VARIABLES = 20

const place = (max: number) => z.int().min(0).max(max)

const variable = z.strictObject({
  /** Stands in targets as `$name` or `${name}`. */
  name: z.string().regex(/^[A-Za-z_][A-Za-z0-9_]{0,49}$/, 'a word of letters, digits and _ is wanted'),
  /** A pattern of names: the last nodes of what it finds are the choices. '': `choices` are. */
  query: z.string().max(2_000).default(''),
  choices: z.array(z.string().max(500)).max(500).default([]),
  /** What is chosen, as it takes the place of the variable. */
  value: z.string().max(2_000),
})

const panel = z
  .strictObject({
    title: z.string().max(500),
    x: place(GRID_COLUMNS - 1),
    y: place(10_000),
    /** In columns. */
    width: z.int().min(2).max(GRID_COLUMNS),
    /** In rows of the grid. */
    height: z.int().min(2).max(100),
    draw: z.enum(['lines', 'stacked']).default('lines'),
    targets: z.array(z.string().min(1).max(20_000)).max(MAX_TARGETS),
  })
  .refine(({ x, width }) => x + width <= GRID_COLUMNS, `it reaches past column ${GRID_COLUMNS}`)

/** A dashboard as its file holds it: plain JSON, made to be read and compared by people. */
export const dashboardSchema = z.strictObject({
  version: z.literal(1, 'only version 1 is known'),
  title: z.string().min(1).max(200),
  description: z.string().max(5_000).default(''),
  /** In Graphite's grammar; '': as a page without a range has it. */
  from: z.string().max(100).default(''),
  until: z.string().max(100).default(''),
  variables: z.array(variable).max(MAX_VARIABLES).default([]),
  panels: z.array(panel).max(MAX_PANELS).default([]),
})

export type Dashboard = z.output<typeof dashboardSchema>
export type Panel = Dashboard['panels'][number]
export type Variable = Dashboard['variables'][number]

export type ReadDashboard =
  | { readonly dashboard: Dashboard }
  | {
      /** One sentence without its end, with the place it speaks of. */
      readonly problem: string
    }

/** Whatever came, from a file or a client. */
export function checkDashboard(value: unknown): ReadDashboard {
  const { success, data, error } = dashboardSchema.safeParse(value)
  if (success) return { dashboard: data }
  const [issue] = error.issues
  const path = issue?.path.map(String).join('.') ?? ''
  const message = (issue?.message ?? 'it is no dashboard').slice(0, 300)
  return { problem: path === '' ? message : `${path.slice(0, 100)}: ${message}` }
}

export function parseDashboard(text: string): ReadDashboard {
  try {
    return checkDashboard(JSON.parse(text))
  } catch (error) {
    return {
      problem: `it is not JSON (${error instanceof Error ? error.message.slice(0, 200) : 'unreadable'})`,
    }
  }
}

/** The same dashboard gives the same text, whatever order its keys came in, so that a change is seen as what it is. */
export function dashboardText({ title, description, from, until, variables, panels }: Dashboard): string {
  const ordered = {
    version: 1,
    title,
    description,
    from,
    until,
    variables: variables.map(({ name, query, choices, value }) => ({ name, query, choices, value })),
    panels: panels.map((one) => ({
      title: one.title,
      x: one.x,
      y: one.y,
      width: one.width,
      height: one.height,
      draw: one.draw,
      targets: one.targets,
    })),
  }
  return `${JSON.stringify(ordered, null, 2)}\n`
}
