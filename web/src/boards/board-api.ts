import type { DashboardListing, StoredDashboard } from '../../../src/dashboards/dashboard-store.ts'
import { fetchJson } from '../api.ts'

export type { Dashboard, Panel } from '../../../src/dashboards/dashboard.ts'
export type { DashboardListing, StoredDashboard } from '../../../src/dashboards/dashboard-store.ts'

export async function fetchBoards(signal: AbortSignal): Promise<DashboardListing> {
  return (await fetchJson('/api/dashboards', { signal })) as DashboardListing
}

export async function fetchBoard(id: string, signal: AbortSignal): Promise<StoredDashboard> {
  return (await fetchJson(`/api/dashboards/${encodeURIComponent(id)}`, { signal })) as StoredDashboard
}
