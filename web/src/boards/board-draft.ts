import { type Dashboard, importBoard } from './board-api.ts'

/** A dashboard with changes that are not saved. The link carries it as JSON. */
export interface BoardDraft {
  /** Of the file that it was made from. */
  readonly revision: string
  readonly dashboard: Dashboard
}

export function writeDraft({ revision, dashboard }: BoardDraft): string {
  return JSON.stringify({ revision, dashboard: tidy(dashboard) })
}

/** A link may hold anything: Kymo checks it as it checks one that is imported. Rejects with what is wrong. */
export async function readDraft(text: string): Promise<BoardDraft> {
  const value: unknown = JSON.parse(text)
  if (typeof value !== 'object' || value === null || !('revision' in value) || !('dashboard' in value))
    throw new Error('The link has no revision and no dashboard.')
  const { kind, dashboard } = await importBoard(value.dashboard)
  if (kind !== 'kymo') throw new Error('The link holds a dashboard of another program.')
  return { revision: String(value.revision), dashboard }
}

/** What can be saved of what is being typed: without targets and variables that are empty still. */
export function tidy(dashboard: Dashboard): Dashboard {
  return {
    ...dashboard,
    title: dashboard.title.trim() || 'Untitled',
    variables: dashboard.variables.filter(({ name }) => name !== ''),
    panels: dashboard.panels.map((panel) => ({
      ...panel,
      targets: panel.targets.filter((target) => target !== ''),
    })),
  }
}
