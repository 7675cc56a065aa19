import { px } from './svg-text.ts'

export const LINE_MODES = ['slope', 'staircase', 'connected'] as const
export type LineMode = (typeof LINE_MODES)[number]

/** A line in pixels: point i lies at `startX + i * stepX`, at `ys[i]`; NaN: a gap. */
export interface PixelLine {
  readonly startX: number
  readonly stepX: number
  readonly ys: Float64Array
}

export interface LinePathOptions {
  readonly mode: LineMode
  /** In mode `connected`: lines go over gaps of up to so many points. */
  readonly connectedLimit: number
}

/** The path data of a line; '' is none. Points that are joined with no other are not in it. */
export function linePath(line: PixelLine, options: LinePathOptions): string {
  return runsOf(line, options)
    .map(({ points }) => {
      if (options.mode === 'staircase') return polyline(stepCorners(points))
      return points.length > 1 ? polyline(points) : ''
    })
    .join('')
}

/** The path data of those: lines without length, which round ends make dots of. */
export function dotPath(line: PixelLine, options: LinePathOptions): string {
  if (options.mode === 'staircase') return ''
  return runsOf(line, options)
    .flatMap(({ points }) => (points.length === 1 ? points : []))
    .map(({ x, y }) => `M${px(x)} ${px(y)}h.01`)
    .join('')
}

/**
 * The path data of the area between a line and another one with the same points, or a height. Where the other one is above
 * there is none.
 */
export function areaPath(line: PixelLine, base: Float64Array | number, options: LinePathOptions): string {
  const baseAt = (index: number): number => (typeof base === 'number' ? base : (base[index] ?? Number.NaN))
  return runsOf(line, options)
    .map(({ points }) => {
      const lower = points.map(({ x, y, index, endX }) => {
        const at = baseAt(index)
        return { x, endX, index, y: typeof base === 'number' ? at : Math.max(at, y) }
      })
      const upper = options.mode === 'staircase' ? stepCorners(points) : points
      const under = options.mode === 'staircase' ? stepCorners(lower) : lower
      if (upper.length < 2) return ''
      return `${polyline(upper)}L${polyline([...under].reverse()).slice(1)}Z`
    })
    .join('')
}

interface PathPoint {
  readonly x: number
  /** Where the next point would be. */
  readonly endX: number
  readonly y: number
  readonly index: number
}

interface Run {
  readonly points: readonly PathPoint[]
}

/** Points that are joined. */
function runsOf({ startX, stepX, ys }: PixelLine, { mode, connectedLimit }: LinePathOptions): Run[] {
  const runs: PathPoint[][] = []
  let gap = Number.POSITIVE_INFINITY
  for (const [index, y] of ys.entries()) {
    if (Number.isNaN(y)) {
      gap += 1
      continue
    }
    const x = startX + index * stepX
    const point = { x, endX: x + stepX, y, index }
    const isJoined = mode === 'connected' ? gap <= connectedLimit : gap === 0
    const current = runs.at(-1)
    if (isJoined && current !== undefined) current.push(point)
    else runs.push([point])
    gap = 0
  }
  return runs.map((points) => ({ points }))
}

function stepCorners(points: readonly PathPoint[]): PathPoint[] {
  return points.flatMap((point) => [point, { ...point, x: point.endX }])
}

function polyline(points: readonly { readonly x: number; readonly y: number }[]): string {
  let path = ''
  let previous = ''
  for (const { x, y } of points) {
    const place = `${px(x)} ${px(y)}`
    // Steps of the same height meet in one point.
    if (place !== previous) path += `${path === '' ? 'M' : 'L'}${place}`
    previous = place
  }
  return path
}
