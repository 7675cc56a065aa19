import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import type * as ResvgModule from '@resvg/resvg-wasm'
import { KymoError, reasonOf } from '../telemetry/errors.ts'

/**
 * The bytes of a PNG that shows an SVG. Only the fonts that come with Kymo are used, so that a picture is the same on every machine. What
 * draws is loaded with the first picture: threads that draw none do without. It runs in WebAssembly, so that a picture that it cannot draw is an
 * error and not the end of the process: docs/decisions/0014-images.md. Rejects with the KymoError `internal` then.
 */
export async function rasterize(svg: string, pixelRatio: number): Promise<Uint8Array> {
  const { Resvg } = await (resvg ??= loadResvg())
  const needed = svg.includes('font-weight="bold"') ? FONTS : FONTS.slice(0, 1)
  const fontBuffers = await Promise.all(needed.map((name) => readFont(name)))
  try {
    const picture = new Resvg(svg, {
      fitTo: { mode: 'zoom', value: pixelRatio },
      font: { loadSystemFonts: false, fontBuffers, defaultFontFamily: FAMILY, sansSerifFamily: FAMILY },
    })
    const image = picture.render()
    // A copy owns its memory, and can be handed to another thread.
    const png = Uint8Array.from(image.asPng())
    image.free()
    picture.free()
    return png
  } catch (error) {
    throw new KymoError(
      'internal',
      { reason: `a picture cannot be drawn: ${reasonOf(error)}` },
      { cause: error },
    )
  }
}

/** Once for each thread: it can be started once only. */
let resvg: ReturnType<typeof loadResvg> | undefined
const fonts = new Map<string, Promise<Uint8Array>>()

const FAMILY = 'DejaVu Sans'
const FONTS = ['DejaVuSans.ttf', 'DejaVuSans-Bold.ttf']

async function loadResvg(): Promise<typeof ResvgModule> {
  const module = await import('@resvg/resvg-wasm')
  const { resolve } = createRequire(import.meta.url)
  await module.initWasm(await readFile(resolve('@resvg/resvg-wasm/index_bg.wasm')))
  return module
}

function readFont(name: string): Promise<Uint8Array> {
  const read = fonts.get(name) ?? readFile(new URL(`../../fonts/${name}`, import.meta.url))
  fonts.set(name, read)
  return read
}
