import type { Dashboard } from './dashboard.ts'

/** Dashboards as files of a directory. Others may write there too (a person, git): each call reads anew. Rejects with a KymoError. */
export interface DashboardStore {
  /** By id, so that the list is the same twice. Files that cannot be read are in it, with the reason. */
  list(): Promise<DashboardListing>
  get(id: string): Promise<StoredDashboard>
  /** `revision`: of that which it takes the place of; null: there is none yet. */
  save(id: string, dashboard: Dashboard, revision: string | null): Promise<StoredDashboard>
  delete(id: string, revision: string): Promise<void>
}

export interface StoredDashboard {
  readonly id: string
  /** Another one as soon as a byte of the file is. */
  readonly revision: string
  readonly dashboard: Dashboard
}

export interface DashboardListing {
  readonly dashboards: readonly {
    readonly id: string
    readonly title: string
    readonly panels: number
    readonly revision: string
  }[]
  readonly damaged: readonly { readonly file: string; readonly problem: string }[]
  /** Files that are past the limit, and not read. */
  readonly unread: number
}
