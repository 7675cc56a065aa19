import type { Color } from './color.ts'
import type { LineMode } from './line-path.ts'
import type { Theme } from './theme.ts'
import type { UnitSystem } from './value-label.ts'

export const AREA_MODES = ['none', 'first', 'all', 'stacked'] as const
export const PIE_MODES = ['average', 'total', 'maximum', 'minimum'] as const
export const PIE_LABELS = ['horizontal', 'rotated'] as const
export const VALUE_LABELS = ['none', 'number', 'percent'] as const

/** How a graph is drawn: the parameters of `/render` that are about that, read and checked. */
export interface GraphOptions {
  readonly kind: 'line' | 'pie'
  /** Pixels, as are all lengths below. */
  readonly width: number
  readonly height: number
  /** Of a PNG: so many of its pixels in one of these. */
  readonly pixelRatio: number
  readonly margin: number
  readonly theme: Theme
  readonly font: GraphFont
  readonly title: string
  readonly isLegendHidden: boolean
  readonly isLegendUnique: boolean
  readonly isNullHiddenFromLegend: boolean
  /** Neither grid nor axes nor legend nor margin. */
  readonly isGraphOnly: boolean
  readonly line: LineOptions
  readonly pie: PieOptions
}

export interface GraphFont {
  /** For CSS: a family, and what may stand in for it. */
  readonly family: string
  readonly size: number
  readonly isBold: boolean
  readonly isItalic: boolean
}

export interface LineOptions {
  readonly mode: LineMode
  readonly width: number
  readonly areaMode: (typeof AREA_MODES)[number]
  readonly areaOpacity: number | undefined
  readonly isNullDrawnAsZero: boolean
  readonly connectedLimit: number
  readonly minXStep: number
  readonly timeFormat: string | undefined
  readonly isGridHidden: boolean
  readonly isTimeAxisHidden: boolean
  readonly isValueAxisHidden: boolean
  readonly isValueAxisOnRight: boolean
  readonly unitSystem: UnitSystem
  readonly logBase: number | undefined
  readonly divisors: readonly number[]
  readonly minorLines: number
  readonly left: AxisOptions
  readonly right: AxisOptions
}

/** Of one of two vertical axes, and of the lines that belong to it where there are two. */
export interface AxisOptions {
  readonly label: string
  readonly min: number | undefined
  readonly max: number | 'max' | undefined
  readonly limit: number | undefined
  readonly step: number | undefined
  readonly lineWidth: number | undefined
  readonly color: Color | undefined
  readonly isDashed: boolean
}

export interface PieOptions {
  readonly mode: (typeof PIE_MODES)[number]
  readonly labels: (typeof PIE_LABELS)[number]
  readonly valueLabels: (typeof VALUE_LABELS)[number]
  readonly valueLabelsColor: Color | undefined
  /** Slices of fewer percent have no label. */
  readonly leastLabelledPercent: number
}
