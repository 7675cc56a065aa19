import type { Dashboard } from '../../../src/dashboards/dashboard.ts'
import type { DashboardListing, StoredDashboard } from '../../../src/dashboards/dashboard-store.ts'
import type { ImportedDashboard } from '../../../src/dashboards/import-report.ts'
import { fetchJson } from '../api.ts'

export type { Dashboard, Panel } from '../../../src/dashboards/dashboard.ts'
export type { ImportedDashboard } from '../../../src/dashboards/import-report.ts'
export type { DashboardListing, StoredDashboard } from '../../../src/dashboards/dashboard-store.ts'

export async function fetchBoards(signal: AbortSignal): Promise<DashboardListing> {
  return (await fetchJson('/api/dashboards', { signal })) as DashboardListing
}

export async function fetchBoard(id: string, signal: AbortSignal): Promise<StoredDashboard> {
  return (await fetchJson(`/api/dashboards/${encodeURIComponent(id)}`, { signal })) as StoredDashboard
}

/** `revision`: of that which it takes the place of; null: there is none yet. */
export async function saveBoard(
  id: string,
  dashboard: Dashboard,
  revision: string | null,
): Promise<StoredDashboard> {
  return (await postJson(`/api/dashboards/${encodeURIComponent(id)}`, {
    dashboard,
    revision,
  })) as StoredDashboard
}

/** `revision`: of that which is to go. */
export async function deleteBoard(id: string, revision: string): Promise<void> {
  await postJson(`/api/dashboards/${encodeURIComponent(id)}/delete`, { revision })
}

async function postJson(path: string, body: unknown): Promise<unknown> {
  return await fetchJson(path, { method: 'POST', body: JSON.stringify(body), type: 'application/json' })
}

/** What a dashboard of Grafana, Graphite or Kymo is here. Nothing is saved. */
export async function importBoard(document: unknown): Promise<ImportedDashboard> {
  return (await postJson('/api/dashboard-import', { document })) as ImportedDashboard
}
