import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

/**
 * The bytes of a PNG that shows an SVG. Only the fonts that come with Kymo are used, so that a picture is the same on every machine. What draws is
 * loaded with the first picture: threads that draw none do without.
 */
export async function rasterize(svg: string, pixelRatio: number): Promise<Uint8Array> {
  const { Resvg } = await import('@resvg/resvg-js')
  const image = new Resvg(svg, {
    fitTo: { mode: 'zoom', value: pixelRatio },
    font: {
      loadSystemFonts: false,
      fontFiles: FONT_FILES,
      defaultFontFamily: FAMILY,
      sansSerifFamily: FAMILY,
    },
    logLevel: 'off',
  }).render()
  // A copy owns its memory, and can be handed to another thread.
  return Uint8Array.from(image.asPng())
}

const FAMILY = 'DejaVu Sans'
const FONTS = fileURLToPath(new URL('../../fonts/', import.meta.url))
const FONT_FILES = ['DejaVuSans.ttf', 'DejaVuSans-Bold.ttf'].map((name) => join(FONTS, name))
