import { expect, test } from 'vitest'
import { addPanel, type Place, placePanel } from './panel-grid.ts'

const at = (x: number, y: number, width = 12, height = 8) => ({
  title: '',
  x,
  y,
  width,
  height,
  draw: 'lines' as const,
  targets: [],
})
const places = (panels: readonly Place[]) => panels.map(({ x, y, width, height }) => [x, y, width, height])

test('what would be covered goes down, and pushes others', () => {
  const panels = [at(0, 0), at(12, 0), at(0, 8), at(12, 20)]
  expect(places(placePanel(panels, 1, at(0, 4)))).toEqual([
    [0, 12, 12, 8],
    [0, 4, 12, 8],
    [0, 20, 12, 8],
    [12, 20, 12, 8],
  ])
})

test.each([
  [at(-3, -1), [0, 0, 12, 8]],
  [at(20, 0), [12, 0, 12, 8]],
  [at(0, 0, 99, 900), [0, 0, 24, 100]],
  [at(23, 0, 0, 0), [22, 0, 2, 2]],
])('none leaves the grid: %j', (place, expected) => {
  expect(places(placePanel([at(0, 0)], 0, place))).toEqual([expected])
})

test('a new one is below all', () => {
  expect(places(addPanel([at(0, 0), at(12, 5)])).at(-1)).toEqual([0, 13, 12, 9])
  expect(places(addPanel([]))).toEqual([[0, 0, 12, 9]])
})
