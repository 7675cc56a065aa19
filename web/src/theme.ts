import { useSyncExternalStore } from 'react'

/** Dark or light follows the system. Style sheets do it by themselves; canvases have to be told. */
export type Theme = 'light' | 'dark'

export function useTheme(): Theme {
  return useSyncExternalStore(subscribe, readTheme)
}

/** Colours and fonts of the style sheet, for what is drawn on a canvas. */
export interface CanvasStyle {
  readonly grid: string
  readonly label: string
  readonly surface: string
  readonly fontFamily: string
}

export function readCanvasStyle(): CanvasStyle {
  const style = getComputedStyle(document.documentElement)
  return {
    grid: style.getPropertyValue('--chart-grid').trim(),
    label: style.getPropertyValue('--ink-faint').trim(),
    surface: style.getPropertyValue('--surface').trim(),
    fontFamily: style.getPropertyValue('--font-text').trim(),
  }
}

const DARK = '(prefers-color-scheme: dark)'

function subscribe(listener: () => void): () => void {
  const query = matchMedia(DARK)
  query.addEventListener('change', listener)
  return () => query.removeEventListener('change', listener)
}

function readTheme(): Theme {
  return matchMedia(DARK).matches ? 'dark' : 'light'
}
