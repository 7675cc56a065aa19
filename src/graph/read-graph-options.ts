import { KymoError } from '../telemetry/errors.ts'
import { excerpt } from '../lib/excerpt.ts'
import { type Color, parseColor } from './color.ts'
import type { AxisOptions, GraphOptions, LineOptions, PieOptions } from './graph-options.ts'
import { AREA_MODES, PIE_LABELS, PIE_MODES, VALUE_LABELS } from './graph-options.ts'
import { LINE_MODES } from './line-path.ts'
import { createTheme } from './theme.ts'
import { UNIT_SYSTEMS } from './value-label.ts'

/** Every value of a parameter, in order. */
export type GraphParameters = Readonly<Record<string, readonly string[]>>

/** Graphite's, for pages made for it. */
const DEFAULT_WIDTH = 330
const DEFAULT_HEIGHT = 250
/** Of either side, in pixels of the picture that comes out. */
export const LONGEST_SIDE = 4_096
/** Legends of more series are hidden unless they are asked for. */
const MOST_IN_LEGEND = 10
const MOST_COLORS = 1_000

/** Throws the KymoError `request-invalid` of the first parameter that cannot be. Empty, and `default`, is not given. */
export function readGraphOptions(parameters: GraphParameters, seriesCount: number): GraphOptions {
  const read = createReader(parameters)
  const width = read.integer('width', DEFAULT_WIDTH, 1, Number.MAX_SAFE_INTEGER)
  const height = read.integer('height', DEFAULT_HEIGHT, 1, Number.MAX_SAFE_INTEGER)
  const pixelRatio = read.number('pixelRatio', 0.1, 10) ?? 1
  checkSize(width * pixelRatio, height * pixelRatio)
  const isGraphOnly = read.flag('graphOnly') ?? false
  return {
    kind: read.word('graphType', ['line', 'pie']) ?? 'line',
    width,
    height,
    pixelRatio,
    margin: read.integer('margin', isGraphOnly ? 0 : 10, 0, LONGEST_SIDE),
    theme: createTheme(read.text('template') ?? '', {
      background: read.color('bgcolor'),
      foreground: read.color('fgcolor'),
      majorGrid: read.color('majorGridLineColor'),
      minorGrid: read.color('minorGridLineColor'),
      lineColors: read.colors('colorList'),
    }),
    font: {
      family: readFontFamily(read),
      size: read.number('fontSize', 1, 200) ?? 10,
      isBold: read.flag('fontBold') ?? false,
      isItalic: read.flag('fontItalic') ?? false,
    },
    title: isGraphOnly ? '' : (read.text('title') ?? ''),
    isLegendHidden: isGraphOnly || (read.flag('hideLegend') ?? seriesCount > MOST_IN_LEGEND),
    isLegendUnique: read.flag('uniqueLegend') ?? false,
    isNullHiddenFromLegend: read.flag('hideNullFromLegend') ?? false,
    isGraphOnly,
    line: readLineOptions(read, isGraphOnly),
    pie: readPieOptions(read),
  }
}

function checkSize(width: number, height: number): void {
  if (width <= LONGEST_SIDE && height <= LONGEST_SIDE) return
  throw invalid(
    'width',
    `an image of ${Math.round(width)} x ${Math.round(height)} pixels is too large; the limit is ${LONGEST_SIDE} x ${LONGEST_SIDE}`,
  )
}

function readLineOptions(read: Reader, isGraphOnly: boolean): LineOptions {
  const areAxesHidden = isGraphOnly || (read.flag('hideAxes') ?? false)
  const minorLines = read.integerIfGiven('minorY', 0, 20)
  return {
    mode: read.word('lineMode', LINE_MODES) ?? 'slope',
    width: read.number('lineWidth', 0, 100) ?? read.number('thickness', 0, 100) ?? 1.5,
    areaMode: read.word('areaMode', AREA_MODES) ?? 'none',
    areaOpacity: read.number('areaAlpha', 0, 1),
    isNullDrawnAsZero: read.flag('drawNullAsZero') ?? false,
    connectedLimit: read.number('connectedLimit', 0, Number.POSITIVE_INFINITY) ?? Number.POSITIVE_INFINITY,
    minXStep: Math.max(0.1, read.number('minXStep', 0, LONGEST_SIDE) ?? 1),
    timeFormat: read.text('xFormat', 200),
    isGridHidden: isGraphOnly || (read.flag('hideGrid') ?? false),
    isTimeAxisHidden: areAxesHidden || (read.flag('hideXAxis') ?? false),
    isValueAxisHidden: areAxesHidden || (read.flag('hideYAxis') ?? false),
    isValueAxisOnRight: read.word('yAxisSide', ['left', 'right']) === 'right',
    unitSystem: read.word('yUnitSystem', UNIT_SYSTEMS) ?? 'si',
    logBase: readLogBase(read),
    divisors: readDivisors(read),
    // Lines between the lines are drawn where somebody thought of them.
    minorLines: minorLines ?? (read.color('minorGridLineColor') !== undefined || hasMinorLines(read) ? 1 : 0),
    left: readAxis(read, 'Left', 'vtitle'),
    right: readAxis(read, 'Right', 'vtitleRight'),
  }
}

function hasMinorLines(read: Reader): boolean {
  return createTheme(read.text('template') ?? '', {}).minorGrid !== undefined
}

function readAxis(read: Reader, side: 'Left' | 'Right', label: string): AxisOptions {
  const prefix = side.toLowerCase()
  const bound = (name: string, older?: string): number | 'max' | undefined => {
    // What names no side is about the left axis, which is the only one mostly.
    const names = side === 'Left' ? [`${name}Left`, name, older ?? name] : [`${name}Right`]
    const given = names.find((one) => read.text(one) !== undefined) ?? name
    if (!names.includes(given)) return undefined
    if (name === 'yMax' && read.text(given) === 'max') return 'max'
    return read.number(given, Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY)
  }
  const numberOf = (value: number | 'max' | undefined): number | undefined =>
    value === 'max' ? undefined : value
  const step = numberOf(bound('yStep'))
  if (step !== undefined && !(step > 0)) throw invalid('yStep', 'a step is larger than 0')
  const min = numberOf(bound('yMin', 'min'))
  const max = bound('yMax', 'max')
  if (min !== undefined && typeof max === 'number' && min >= max)
    throw invalid('yMin', `${min} is not less than yMax, which is ${max}`)
  return {
    label: read.text(label, 2_000) ?? '',
    min,
    max,
    limit: numberOf(bound('yLimit')),
    step,
    lineWidth: read.number(`${prefix}Width`, 0, 100),
    color: read.color(`${prefix}Color`),
    isDashed: read.flag(`${prefix}Dashed`) ?? false,
  }
}

function readPieOptions(read: Reader): PieOptions {
  return {
    mode: read.word('pieMode', PIE_MODES) ?? 'average',
    labels: read.word('pieLabels', PIE_LABELS) ?? 'horizontal',
    valueLabels: read.word('valueLabels', VALUE_LABELS) ?? 'percent',
    valueLabelsColor: read.color('valueLabelsColor'),
    leastLabelledPercent: read.number('valueLabelsMin', 0, Number.POSITIVE_INFINITY) ?? 5,
  }
}

function readFontFamily(read: Reader): string {
  const name = read.text('fontName') ?? 'Sans'
  if (!/^[\p{L}\p{N} _.-]{1,64}$/u.test(name))
    throw invalid('fontName', 'a name of at most 64 letters, digits and spaces is wanted')
  const isDefault = /^(sans|sans-serif)$/i.test(name)
  return `${isDefault ? '' : `'${name}', `}'DejaVu Sans', Verdana, sans-serif`
}

function readLogBase(read: Reader): number | undefined {
  const text = read.text('logBase')
  if (text === undefined) return undefined
  const base = text === 'e' ? Math.E : Number(text)
  if (base > 1 && base <= 1e9) return base
  throw invalid('logBase', `"${excerpt(text, 100)}" is neither \`e\` nor a number above 1`)
}

function readDivisors(read: Reader): readonly number[] {
  const divisors = (read.text('yDivisors') ?? '4,5,6').split(',').map(Number)
  if (divisors.length <= 10 && divisors.every((one) => Number.isInteger(one) && one >= 1 && one <= 50))
    return divisors
  throw invalid('yDivisors', 'whole numbers from 1 to 50 are wanted, such as 4,5,6')
}

type Reader = ReturnType<typeof createReader>

function createReader(parameters: GraphParameters) {
  const text = (name: string, most = 10_000): string | undefined => {
    const value = Object.hasOwn(parameters, name) ? parameters[name]?.at(-1)?.trim() : undefined
    return value === undefined || value === '' || value.toLowerCase() === 'default'
      ? undefined
      : value.slice(0, most)
  }
  const number = (name: string, least: number, most: number): number | undefined => {
    const given = text(name)
    if (given === undefined) return undefined
    const isInfinite = /^(inf|infinity)$/i.test(given) && most === Number.POSITIVE_INFINITY && least === 0
    const value = isInfinite ? most : /^[-+]?[0-9.]/.test(given) ? Number(given) : Number.NaN
    if (value >= least && value <= most && (isInfinite || Number.isFinite(value))) return value
    const bounds = Number.isFinite(least) && Number.isFinite(most) ? ` from ${least} to ${most}` : ''
    throw invalid(name, `"${excerpt(given, 100)}" is not a number${bounds}`)
  }
  const integerIfGiven = (name: string, least: number, most: number): number | undefined => {
    const value = number(name, Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY)
    if (value === undefined) return undefined
    const whole = Math.trunc(value)
    if (whole >= least && whole <= most) return whole
    throw invalid(name, `${value} is ${whole < least ? `less than ${least}` : `more than ${most}`}`)
  }
  const color = (name: string): Color | undefined => {
    const given = text(name)
    return given === undefined ? undefined : requireColor(given, `Parameter \`${name}\``)
  }
  return {
    text,
    number,
    integerIfGiven,
    integer: (name: string, missing: number, least: number, most: number): number =>
      integerIfGiven(name, least, most) ?? missing,
    color,
    colors(name: string): readonly Color[] | undefined {
      const given = text(name)?.split(',').slice(0, MOST_COLORS)
      return given?.map((one) => requireColor(one, `Parameter \`${name}\``))
    },
    /** Anything but 0, false and no sets it. */
    flag(name: string): boolean | undefined {
      const given = text(name)?.toLowerCase()
      if (given === undefined || given === 'undefined' || given === 'nan') return undefined
      return !['0', 'false', 'no'].includes(given)
    },
    word<Word extends string>(name: string, words: readonly Word[]): Word | undefined {
      const given = text(name)
      if (given === undefined) return undefined
      const found = words.find((word) => word === given)
      if (found !== undefined) return found
      throw invalid(name, `"${excerpt(given, 100)}" is not one of ${words.join(', ')}`)
    },
  }
}

/** A colour that somebody wrote. Throws the KymoError `request-invalid`. */
export function requireColor(text: string, place: string): Color {
  const color = parseColor(text)
  if (color !== undefined) return color
  const problem = `${place}: "${excerpt(text, 100)}" is no colour; write RRGGBB, RRGGBBAA or a name such as blue.`
  throw new KymoError('request-invalid', { problem })
}

function invalid(name: string, reason: string): KymoError {
  return new KymoError('request-invalid', { problem: `Parameter \`${name}\`: ${reason}.` })
}
