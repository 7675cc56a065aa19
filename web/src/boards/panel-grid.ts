import type { Panel } from './board-api.ts'

const COLUMNS = 24
const MAX_Y = 10_000
const LEAST = 2
const MAX_HEIGHT = 100

export type Place = Pick<Panel, 'x' | 'y' | 'width' | 'height'>

/** One panel in another place, within the grid; those that it would cover go down. */
export function placePanel(panels: readonly Panel[], index: number, place: Place): Panel[] {
  const width = bound(place.width, LEAST, COLUMNS)
  const wanted = {
    width,
    height: bound(place.height, LEAST, MAX_HEIGHT),
    x: bound(place.x, 0, COLUMNS - width),
    y: bound(place.y, 0, MAX_Y),
  }
  const placed: Place[] = [wanted]
  const result = panels.map((panel, one) => (one === index ? { ...panel, ...wanted } : panel))
  const others = panels
    .map((panel, one) => ({ panel, one }))
    .filter(({ one }) => one !== index)
    .toSorted((a, b) => a.panel.y - b.panel.y || a.panel.x - b.panel.x)
  for (const { panel, one } of others) {
    let { y } = panel
    for (;;) {
      const top = y
      const covered = placed.filter((other) => overlap({ ...panel, y: top }, other))
      if (covered.length === 0) break
      y = Math.max(...covered.map((other) => other.y + other.height))
    }
    const moved = { ...panel, y: Math.min(y, MAX_Y) }
    placed.push(moved)
    result[one] = moved
  }
  return result
}

/** A new one below all others. */
export function addPanel(panels: readonly Panel[]): Panel[] {
  const y = Math.min(MAX_Y, Math.max(0, ...panels.map((panel) => panel.y + panel.height)))
  return [...panels, { title: 'New panel', x: 0, y, width: 12, height: 9, draw: 'lines', targets: [] }]
}

function overlap(a: Place, b: Place): boolean {
  return a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height
}

function bound(value: number, low: number, high: number): number {
  return Math.min(high, Math.max(low, Math.round(value)))
}
