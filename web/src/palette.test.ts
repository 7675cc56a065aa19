import { describe, expect, test } from 'vitest'
import { colorOf, PALETTE } from './palette.ts'

test('a name has one colour for ever', () => {
  // These are what visitors have learned: a change of the palette or the hash repaints every graph.
  const names = ['hello', 'shop.checkout', '__proto__', 'constructor', '']
  expect(names.map((name) => PALETTE.indexOf(colorOf(name)))).toEqual([0, 5, 4, 1, 1])
})

test('names that differ a little spread over all colours', () => {
  const counts = new Map<string, number>()
  for (let i = 0; i < 600; i++) {
    const { light } = colorOf(`api.server${i}.requests`)
    counts.set(light, (counts.get(light) ?? 0) + 1)
  }
  expect(counts.size).toBe(PALETTE.length)
  expect(Math.max(...counts.values())).toBeLessThan(600 / 3)
})

describe.each([
  ['light', '#ffffff'],
  ['dark', '#14171b'],
] as const)('colours on the %s card', (theme, surface) => {
  test('stand out from it', () => {
    for (const color of PALETTE) expect(contrast(color[theme], surface)).toBeGreaterThan(3)
  })

  test.each(['normal', 'protanopia', 'deuteranopia'] as const)('differ from each other: %s', (vision) => {
    const seen = PALETTE.map((color) => toLab(simulate(toLinear(color[theme]), vision)))
    for (const [i, a] of seen.entries()) {
      for (const b of seen.slice(i + 1)) expect(distance(a, b)).toBeGreaterThan(17)
    }
  })
})

type Triple = readonly [number, number, number]

/** Machado, Oliveira and Fernandes (2009), severity 1, on linear RGB. */
const VISION: Readonly<Record<'normal' | 'protanopia' | 'deuteranopia', readonly Triple[]>> = {
  normal: [
    [1, 0, 0],
    [0, 1, 0],
    [0, 0, 1],
  ],
  protanopia: [
    [0.152286, 1.052583, -0.204868],
    [0.114503, 0.786281, 0.099216],
    [-0.003882, -0.048116, 1.051998],
  ],
  deuteranopia: [
    [0.367322, 0.860646, -0.227968],
    [0.280085, 0.672501, 0.047413],
    [-0.01182, 0.04294, 0.968881],
  ],
}

function simulate(rgb: Triple, vision: keyof typeof VISION): Triple {
  const [r, g, b] = VISION[vision].map((row) => Math.min(1, Math.max(0, dot(row, rgb))))
  return [r ?? 0, g ?? 0, b ?? 0]
}

function toLinear(hex: string): Triple {
  const [r = 0, g = 0, b = 0] = [1, 3, 5].map((at) => {
    const channel = Number.parseInt(hex.slice(at, at + 2), 16) / 255
    return channel <= 0.04045 ? channel / 12.92 : ((channel + 0.055) / 1.055) ** 2.4
  })
  return [r, g, b]
}

function contrast(a: string, b: string): number {
  const [first = 0, second = 0] = [a, b].map((hex) => dot([0.2126, 0.7152, 0.0722], toLinear(hex)))
  return (Math.max(first, second) + 0.05) / (Math.min(first, second) + 0.05)
}

function toLab(rgb: Triple): Triple {
  const cube = (value: number) => (value > 0.008856 ? Math.cbrt(value) : 7.787 * value + 16 / 116)
  const x = cube(dot([0.4124, 0.3576, 0.1805], rgb) / 0.9505)
  const y = cube(dot([0.2126, 0.7152, 0.0722], rgb))
  const z = cube(dot([0.0193, 0.1192, 0.9505], rgb) / 1.089)
  return [116 * y - 16, 500 * (x - y), 200 * (y - z)]
}

function distance(a: Triple, b: Triple): number {
  return Math.hypot(a[0] - b[0], a[1] - b[1], a[2] - b[2])
}

function dot(a: Triple, b: Triple): number {
  return a[0] * b[0] + a[1] * b[1] + a[2] * b[2]
}
