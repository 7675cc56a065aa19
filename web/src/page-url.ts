import { useCallback, useState } from 'react'
import { isRange, type Range } from './time-range.ts'

/** What the visitor has chosen. It is in the address, so a reload or a shared link shows the same. */
export interface View {
  readonly range: Range
  readonly query: string
}

export function useView(): [View, (change: Partial<View>) => void] {
  const [view, setView] = useState<View>(() => readView(location.search))
  const change = useCallback((part: Partial<View>) => {
    setView((before) => {
      const after = { ...before, ...part }
      history.replaceState(null, '', location.pathname + writeView(after) + location.hash)
      return after
    })
  }, [])
  return [view, change]
}

export function readView(search: string): View {
  const parameters = new URLSearchParams(search)
  const range = parameters.get('range')
  return { range: isRange(range) ? range : 'auto', query: parameters.get('q') ?? '' }
}

/** '' for the default view. */
export function writeView(view: View): string {
  const parameters = new URLSearchParams()
  if (view.range !== 'auto') parameters.set('range', view.range)
  if (view.query !== '') parameters.set('q', view.query)
  const text = parameters.toString()
  return text === '' ? '' : `?${text}`
}
