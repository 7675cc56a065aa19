import { type Color, luminance, mixColors, parseColor } from './color.ts'

/** The colours of a graph. */
export interface Theme {
  readonly background: Color
  /** The title. */
  readonly ink: Color
  /** Labels and the legend. */
  readonly softInk: Color
  readonly majorGrid: Color
  /** undefined: there are no minor lines. */
  readonly minorGrid: Color | undefined
  /** Taken in this order; undefined: each series has the colour that follows from its name. */
  readonly lineColors: readonly Color[] | undefined
  /** Which of the two sets of stable colours stands out. */
  readonly tone: 'light' | 'dark'
}

/** What a template, or the parameters of a request, say of the colours. */
export interface ThemeChanges {
  readonly background?: Color | undefined
  readonly foreground?: Color | undefined
  readonly majorGrid?: Color | undefined
  readonly minorGrid?: Color | undefined
  readonly lineColors?: readonly Color[] | undefined
}

/** The theme of `template=`; a name that is not known is `default`, as in Graphite. */
export function createTheme(template: string, changes: ThemeChanges): Theme {
  const found = TEMPLATES.get(template.trim().toLowerCase()) ?? {}
  const { background = LIGHT.background, foreground, ...rest } = { ...found, ...defined(changes) }
  const tone = background.opacity > 0 && luminance(background.hex) < 0.25 ? 'dark' : 'light'
  const base = tone === 'dark' ? DARK : LIGHT
  const isShade = background.hex !== base.background.hex
  // Lines of the grid keep their distance from any background.
  const grid = isShade
    ? solid(mixColors(background.hex, base.ink.hex, tone === 'dark' ? 0.17 : 0.1))
    : base.majorGrid
  return {
    background,
    ink: foreground ?? base.ink,
    softInk: foreground ?? base.softInk,
    majorGrid: rest.majorGrid ?? grid,
    minorGrid: rest.minorGrid,
    lineColors: rest.lineColors,
    tone,
  }
}

function solid(hex: string): Color {
  return { hex, opacity: 1 }
}

const LIGHT = {
  background: solid('#ffffff'),
  ink: solid('#14171c'),
  softInk: solid('#4b515c'),
  majorGrid: solid('#e7e7e4'),
}

const DARK = {
  background: solid('#14171b'),
  ink: solid('#f0f1ef'),
  softInk: solid('#b3b8bf'),
  majorGrid: solid('#2b3036'),
}

/** Those that Graphite comes with, but for its `default`: that is `graphite` here. */
const TEMPLATES: ReadonlyMap<string, ThemeChanges> = new Map([
  ['default', {}],
  ['light', {}],
  ['dark', { background: DARK.background }],
  [
    'graphite',
    template(
      'black',
      'white',
      'white',
      'grey',
      'blue,green,red,purple,brown,yellow,aqua,grey,magenta,pink,gold,rose',
    ),
  ],
  [
    'noc',
    template(
      'black',
      'white',
      'white',
      'grey',
      'blue,green,red,yellow,purple,brown,aqua,grey,magenta,pink,gold,rose',
    ),
  ],
  [
    'plain',
    template(
      'white',
      'black',
      'rose',
      'grey',
      'blue,green,red,purple,brown,yellow,aqua,grey,magenta,pink,gold,rose',
    ),
  ],
  ['summary', template('black', 'white', 'grey', undefined, '#6666ff,#66ff66,#ff6666')],
  ['alphas', template('white', 'black', 'grey', 'rose', '00ff00aa,ff000077,00337799')],
  [
    'solarized-dark',
    template(
      '002b36',
      '839496',
      '1b4550',
      undefined,
      '268bd2aa,859900aa,dc322faa,d33682aa,db4b16aa,b58900aa,2aa198aa,6c71c4aa',
    ),
  ],
  [
    'solarized-light',
    template(
      'fdf6e3',
      '657b83',
      'e3dcc9',
      undefined,
      '268bd2aa,859900aa,dc322faa,d33682aa,db4b16aa,b58900aa,2aa198aa,6c71c4aa',
    ),
  ],
] satisfies readonly (readonly [string, ThemeChanges])[])

function template(
  background: string,
  foreground: string,
  majorGrid: string,
  minorGrid: string | undefined,
  lineColors: string,
): ThemeChanges {
  return {
    background: known(background),
    foreground: known(foreground),
    majorGrid: known(majorGrid),
    minorGrid: minorGrid === undefined ? undefined : known(minorGrid),
    lineColors: lineColors.split(',').map(known),
  }
}

function known(text: string): Color {
  const color = parseColor(text)
  if (color === undefined) throw new Error(`BUG: "${text}" of a template is no colour`)
  return color
}

function defined(changes: ThemeChanges): ThemeChanges {
  return Object.fromEntries(Object.entries(changes).filter(([, value]) => value !== undefined))
}
