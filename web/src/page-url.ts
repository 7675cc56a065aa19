import { useCallback, useState } from 'react'

/** What the first page is searched for. It is in the address, so a reload or a shared link shows the same. */
export function useQuery(): [query: string, change: (query: string) => void] {
  const [query, setQuery] = useState(() => readQuery(location.search))
  const change = useCallback((next: string) => {
    history.replaceState(null, '', location.pathname + writeQuery(next) + location.hash)
    setQuery(next)
  }, [])
  return [query, change]
}

export function readQuery(search: string): string {
  return new URLSearchParams(search).get('q') ?? ''
}

/** '' for all there is. */
export function writeQuery(query: string): string {
  return query === '' ? '' : `?${new URLSearchParams({ q: query }).toString()}`
}
