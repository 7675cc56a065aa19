import { useMemo, useSyncExternalStore } from 'react'

/**
 * Which page is shown, and what of it. It is behind the `#` of the address, for the server has one page only:
 *
 *   #/?from=-6h                        the cards (what they are searched for is before the #: page-url.ts)
 *   #/explore?t=sumSeries(a.*)&t=b&from=-1h&until=now&only=a.b
 *   #/dashboard/shop.api?from=-1h
 *   #/boards, #/boards/shop           those that were saved; one of them, by its id
 *   #/size/stats.timers
 *   #/incoming, #/status
 *
 * Each may say a time zone: tz=UTC.
 */
export interface Route {
  /** `unknown`: no page has that name. */
  readonly page: PageName | 'unknown'
  /** Of the dashboard and of the sizes: `shop.api`; of a saved dashboard its id. */
  readonly prefix: string
  /** Of the explore page. */
  readonly targets: readonly string[]
  /** In Graphite's grammar. '': since the first data, at most an hour. */
  readonly from: string
  /** In Graphite's grammar. '': now, going on. */
  readonly until: string
  /** The one series that is shown of those there are; '': all. */
  readonly only: string
  /** Of a saved dashboard's variables, those that are not as its file has them: `host=web1`. */
  readonly values: readonly string[]
  /** Of a saved dashboard, changes that are not saved, as JSON (boards/board-draft.ts). '': it is not being changed. */
  readonly draft: string
  /** In which times are shown (time/time-zone.ts). '': in the one that was chosen last. */
  readonly zone: string
}

export const PAGES = ['home', 'explore', 'dashboard', 'boards', 'incoming', 'size', 'status'] as const
export type PageName = (typeof PAGES)[number]

export const HOME: Route = {
  page: 'home',
  prefix: '',
  targets: [],
  from: '',
  until: '',
  only: '',
  values: [],
  draft: '',
  zone: '',
}

export function readRoute(hash: string): Route {
  const [, path = '', search = ''] = /^#?\/?([^?]*)\??(.*)$/s.exec(hash) ?? []
  const [name = '', ...rest] = path.split('/')
  const parameters = new URLSearchParams(search)
  return {
    page: name === '' ? 'home' : (PAGES.find((page) => page === name) ?? 'unknown'),
    prefix: decode(rest.join('/')),
    targets: parameters.getAll('t'),
    from: parameters.get('from') ?? '',
    until: parameters.get('until') ?? '',
    only: parameters.get('only') ?? '',
    values: parameters.getAll('v'),
    draft: parameters.get('draft') ?? '',
    zone: parameters.get('tz') ?? '',
  }
}

export function writeRoute(route: Route): string {
  const parameters = new URLSearchParams()
  if (route.zone !== '') parameters.set('tz', route.zone)
  for (const target of route.targets) parameters.append('t', target)
  for (const name of ['from', 'until', 'only'] as const) {
    if (route[name] !== '') parameters.set(name, route[name])
  }
  for (const value of route.values) parameters.append('v', value)
  if (route.draft !== '') parameters.set('draft', route.draft)
  if (route.page === 'home') return withSearch('#/', parameters)
  const path = route.prefix === '' ? route.page : `${route.page}/${encodeURIComponent(route.prefix)}`
  return withSearch(`#/${path}`, parameters)
}

function withSearch(path: string, parameters: URLSearchParams): string {
  return parameters.size === 0 ? path : `${path}?${parameters.toString()}`
}

/** Where a link leads: the times and their zone go along, so that another page shows the same hour. */
export function linkTo(route: Route, change: Partial<Route>): string {
  return writeRoute({ ...HOME, from: route.from, until: route.until, zone: route.zone, ...change })
}

/** `replace`: not a step of its own for the browser's Back. */
export type Navigate = (change: Partial<Route>, how?: 'push' | 'replace') => void

export function useRoute(): [Route, Navigate] {
  const hash = useSyncExternalStore(subscribe, () => location.hash)
  return [useMemo(() => readRoute(hash), [hash]), navigate]
}

const navigate: Navigate = (change, how = 'push') => {
  const address = writeRoute({ ...readRoute(location.hash), ...change })
  if (address === location.hash) return
  if (how === 'push') history.pushState(null, '', address)
  else history.replaceState(null, '', address)
  // The browser tells of neither by itself.
  dispatchEvent(new HashChangeEvent('hashchange'))
}

function subscribe(listener: () => void): () => void {
  addEventListener('hashchange', listener)
  addEventListener('popstate', listener)
  return () => {
    removeEventListener('hashchange', listener)
    removeEventListener('popstate', listener)
  }
}

/** What was written by hand need not be well formed. */
function decode(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
