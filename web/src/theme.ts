import { useSyncExternalStore } from 'react'
import { recall, remember } from './remembered.ts'

/** What the page is. Style sheets read it from `data-theme` on the root; canvases have to be told. */
export type Theme = 'light' | 'dark'

/** What the visitor wants of it. */
export const THEME_CHOICES = ['system', 'light', 'dark'] as const
export type ThemeChoice = (typeof THEME_CHOICES)[number]

export function useTheme(): Theme {
  return useSyncExternalStore(subscribe, readTheme)
}

export function useThemeChoice(): ThemeChoice {
  return useSyncExternalStore(subscribe, readChoice)
}

export function chooseTheme(choice: ThemeChoice): void {
  remember('theme', choice)
  applyTheme(choice)
}

/** The one behind it: from system to light to dark, and round again. */
export function nextTheme(choice: ThemeChoice): ThemeChoice {
  return THEME_CHOICES[(THEME_CHOICES.indexOf(choice) + 1) % THEME_CHOICES.length] ?? 'system'
}

/** From here on the page follows the system, and what is chosen in other tabs. */
export function followTheme(): void {
  matchMedia(DARK).addEventListener('change', () => applyTheme(readChoice()))
  addEventListener('storage', () => applyTheme(recalledChoice()))
  applyTheme(recalledChoice())
}

/** Colours and fonts of the style sheet, for what is drawn on a canvas. */
export interface CanvasStyle {
  readonly grid: string
  readonly label: string
  readonly surface: string
  /** Of axes. It grows with the page's, on screens that are read from afar. */
  readonly font: string
}

let canvasStyle: { readonly theme: Theme; readonly style: CanvasStyle } | undefined

/** Of the theme that is shown. It is read once for each, for asking makes the browser work out all of the page's styles. */
export function readCanvasStyle(): CanvasStyle {
  const theme = readTheme()
  if (canvasStyle?.theme !== theme) canvasStyle = { theme, style: readStyle() }
  return canvasStyle.style
}

/** Of the page's letters. */
const AXIS_FONT = 11 / 15

function readStyle(): CanvasStyle {
  const style = getComputedStyle(document.documentElement)
  return {
    grid: style.getPropertyValue('--chart-grid').trim(),
    label: style.getPropertyValue('--ink-faint').trim(),
    surface: style.getPropertyValue('--surface').trim(),
    font: `${Math.round(Number.parseFloat(style.fontSize) * AXIS_FONT)}px ${style.getPropertyValue('--font-text').trim()}`,
  }
}

const DARK = '(prefers-color-scheme: dark)'
const CHANGED = 'kymo-theme'

/** Both are kept on the root element: where a browser remembers nothing, the choice still holds until the page is left. */
function applyTheme(choice: ThemeChoice): void {
  const isDark = choice === 'dark' || (choice === 'system' && matchMedia(DARK).matches)
  const root = document.documentElement
  root.dataset.themeChoice = choice
  root.dataset.theme = isDark ? 'dark' : 'light'
  const color = getComputedStyle(root).getPropertyValue('--page').trim()
  document.querySelector('meta[name=theme-color]')?.setAttribute('content', color)
  dispatchEvent(new Event(CHANGED))
}

function subscribe(listener: () => void): () => void {
  addEventListener(CHANGED, listener)
  return () => removeEventListener(CHANGED, listener)
}

function readTheme(): Theme {
  return document.documentElement.dataset.theme === 'dark' ? 'dark' : 'light'
}

function readChoice(): ThemeChoice {
  return toChoice(document.documentElement.dataset.themeChoice)
}

function recalledChoice(): ThemeChoice {
  return toChoice(recall('theme'))
}

function toChoice(text: string | undefined): ThemeChoice {
  return THEME_CHOICES.find((choice) => choice === text) ?? 'system'
}
