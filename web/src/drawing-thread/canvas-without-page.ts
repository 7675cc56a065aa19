/**
 * What uPlot asks of a page, where there is none: a window that tells of another pixel ratio, elements that are nowhere, and the canvas that a chart is
 * drawn on. It has to be loaded before uPlot is.
 */
const scope: Record<string, unknown> = globalThis as never

class Nowhere {
  readonly style = {}
  readonly classList = { add: nothing, remove: nothing, contains: () => false }
  readonly addEventListener = nothing
  readonly removeEventListener = nothing
  readonly appendChild = nothing
  readonly insertBefore = nothing
  readonly remove = nothing
}

const resolution = new EventTarget()
let nextCanvas: OffscreenCanvas | undefined

scope.window = new EventTarget()
scope.HTMLElement = Nowhere
scope.devicePixelRatio = 1
scope.matchMedia = () => resolution
scope.document = {
  createElement: (tag: string) => (tag === 'canvas' ? nextCanvas : new Nowhere()),
}

/** The chart that is made in it is drawn on this canvas. */
export function onCanvas<T>(canvas: OffscreenCanvas, create: () => T): T {
  nextCanvas = canvas
  try {
    return create()
  } finally {
    nextCanvas = undefined
  }
}

/** Charts that are there are drawn anew. */
export function setPixelRatio(pixelRatio: number): void {
  if (scope.devicePixelRatio === pixelRatio) return
  scope.devicePixelRatio = pixelRatio
  resolution.dispatchEvent(new Event('change'))
}

function nothing(): void {}
