import * as z from 'zod'
import { DURATION_PATTERN, parseDuration, parseSize, SIZE_PATTERN, type UnitResult } from './units.ts'

/**
 * The kinds of options that configuration is composed of. Each part declares its own with these, and its reference page,
 * its JSON Schema, its environment variable and the sentence a mistake is answered with all come from the declaration.
 *
 * A description is reference text: a full sentence whose first sentence also stands alone in `--help`. Defaults are
 * given as they would be written in a file.
 *
 * Messages set here complete the sentence "found 10, wanted ...". Where a schema sets none, one is made from its type.
 */
export type OptionMeta = {
  readonly description: string
  readonly kind?: 'duration' | 'size'
  /** Bounds of a quantity, as written. */
  readonly least?: string
  readonly most?: string
  /** What a value has to be, in words, where its type says too little: `an address`. */
  readonly noun?: string
  /** Never shown: not by print-config, not in a problem, not in a log. */
  readonly secret?: true
  /** See RELOADABLE. */
  readonly isReloadable?: true
}

export interface QuantityLimits {
  readonly min?: string
  readonly max?: string
  /** What else is wanted of a value that is not good enough; undefined if it is. */
  readonly refuse?: (value: number) => string | undefined
}

/** A duration such as `10s`. The value is in milliseconds. */
export function duration(description: string, defaultText: string, limits: QuantityLimits = {}) {
  return quantity(parseDuration, DURATION_PATTERN, limits)
    .prefault(defaultText)
    .meta(quantityMeta('duration', description, limits))
}

/** A duration, or `never` for one without an end: Infinity. May be left out. */
export function optionalDurationOrNever(description: string, limits: QuantityLimits = {}) {
  const never = z.literal('never').transform(() => Number.POSITIVE_INFINITY)
  const finite = quantity(parseDuration, DURATION_PATTERN, limits).meta(quantityMeta('duration', '', limits))
  return z.union([finite, never]).optional().meta({ description })
}

/** A size, or `auto` where it is worked out. */
export function sizeOrAuto(description: string, limits: QuantityLimits = {}) {
  const given = quantity(parseSize, SIZE_PATTERN, limits).meta(quantityMeta('size', '', limits))
  return z
    .union([z.literal('auto'), given])
    .prefault('auto')
    .meta({ description })
}

/** A size such as `64KiB`. The value is in bytes. */
export function size(description: string, defaultText: string, limits: QuantityLimits = {}) {
  return quantity(parseSize, SIZE_PATTERN, limits)
    .prefault(defaultText)
    .meta(quantityMeta('size', description, limits))
}

/**
 * `toggle(...).meta(RELOADABLE)`: it can be changed while Kymo runs; of a section, all that is in it can. What is not so
 * marked takes effect at the next start.
 */
export const RELOADABLE = { isReloadable: true } as const

/** Options that belong together, below one key. */
export function section<Shape extends z.ZodRawShape>(description: string, shape: Shape) {
  // Every option has a default or may be left out, so an empty section is one; the compiler cannot follow that here.
  const empty = {} as z.input<z.ZodObject<Shape, z.core.$strict>>
  return z.strictObject(shape).prefault(empty).meta({ description })
}

/** A port to listen on or to connect to. 0 asks for a free one. */
export function port(description: string, defaultPort: number, least = 0) {
  return integer(description, defaultPort, { min: least, max: 65_535 })
}

/** A port that may be left out. 0 asks for a free one. */
export function optionalPort(description: string, least = 0) {
  return z.int().min(least).max(65_535).optional().meta({ description })
}

/** A whole number with both bounds. */
export function integer(
  description: string,
  defaultValue: number,
  limits: { readonly min: number; readonly max: number },
) {
  return z.int().min(limits.min).max(limits.max).prefault(defaultValue).meta({ description })
}

/** A whole number with both bounds, or left out. */
export function optionalInteger(description: string, limits: { readonly min: number; readonly max: number }) {
  return z.int().min(limits.min).max(limits.max).optional().meta({ description })
}

export function toggle(description: string, defaultValue: boolean) {
  return z.boolean().prefault(defaultValue).meta({ description })
}

/** Of which leaving it out is a third choice. */
export function optionalToggle(description: string) {
  return z.boolean().optional().meta({ description })
}

/** One of a few words. */
export function choice<const Words extends readonly [string, ...string[]]>(
  description: string,
  words: Words,
  defaultWord: Words[number],
) {
  return z.enum(words).prefault(defaultWord).meta({ description })
}

/** One of a few words, or left out. */
export function optionalChoice<const Words extends readonly [string, ...string[]]>(
  description: string,
  words: Words,
) {
  return z.enum(words).optional().meta({ description })
}

/** Free text that is not empty. */
export function text(description: string, defaultText: string) {
  return plainText().prefault(defaultText).meta({ description })
}

/** Free text that is not empty, or left out. */
export function optionalText(description: string) {
  return plainText().optional().meta({ description })
}

/** The name of one of several like parts. It becomes the label of their own metrics; their type if not given. */
export function label(description: string) {
  return z
    .string()
    .regex(/^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/, {
      error: 'a name of at most 64 letters, digits, "_" and "-" that begins with a letter or digit',
    })
    .optional()
    .meta({ description })
}

/** A password, key or token; not set by default. */
export function secret(description: string) {
  return plainText().optional().meta({ description, secret: true })
}

/** One that cannot be done without. */
export function requiredSecret(description: string) {
  return plainText().meta({ description, secret: true })
}

/** Texts by key, as pairs: keys are from outside, and `__proto__` is one. `check` adds what is wrong with them. */
export function tagMap(
  description: string,
  check: (tags: readonly TagPair[], context: z.RefinementCtx) => void = () => {},
) {
  return z
    .unknown()
    .transform((value, context): readonly TagPair[] => {
      const isSection = typeof value === 'object' && value !== null && !Array.isArray(value)
      const entries = isSection ? Object.entries(value) : []
      if (entries.length === 0 || entries.length > 100) {
        context.addIssue({ code: 'custom', message: TAGS_WANTED })
        return z.NEVER
      }
      const tags = entries.flatMap(([key, text]): TagPair[] => {
        if (typeof text === 'string') return [[key, text]]
        context.addIssue({ code: 'custom', path: [key], message: 'text; put it in quotes' })
        return []
      })
      check(tags, context)
      return tags
    })
    .optional()
    .meta({ description, noun: TAGS_WANTED, type: 'object', additionalProperties: { type: 'string' } })
}

type TagPair = readonly [key: string, value: string]
const TAGS_WANTED = 'a section of 1 to 100 tags'

function plainText() {
  return z
    .string()
    .min(1)
    .max(4096)
    .refine((value) => !value.includes('\0'), { error: 'text without a NUL' })
}

function quantity(parse: (text: string) => UnitResult, pattern: string, limits: QuantityLimits) {
  const least = limits.min === undefined ? undefined : mustParse(parse, limits.min)
  const most = limits.max === undefined ? undefined : mustParse(parse, limits.max)
  const error = ({ input }: { readonly input?: unknown }) =>
    typeof input === 'string' || typeof input === 'number' ? problemOf(parse, String(input)) : undefined
  return z
    .string({ error })
    .regex(new RegExp(pattern), { error })
    .transform((value, context) => {
      const result = parse(value)
      if ('problem' in result) return refuse(context, result.problem)
      if (least !== undefined && result.value < least) return refuse(context, `at least ${limits.min}`)
      if (most !== undefined && result.value > most) return refuse(context, `at most ${limits.max}`)
      const refusal = limits.refuse?.(result.value)
      return refusal === undefined ? result.value : refuse(context, refusal)
    })
}

function refuse(context: z.RefinementCtx, message: string): never {
  context.addIssue({ code: 'custom', message })
  return z.NEVER
}

function problemOf(parse: (text: string) => UnitResult, value: string): string | undefined {
  const result = parse(value)
  return 'problem' in result ? result.problem : undefined
}

function mustParse(parse: (text: string) => UnitResult, value: string): number {
  const result = parse(value)
  if ('problem' in result) throw new Error(`BUG: the limit "${value}" of an option is not a quantity`)
  return result.value
}

function quantityMeta(kind: 'duration' | 'size', description: string, limits: QuantityLimits): OptionMeta {
  return {
    description,
    kind,
    ...(limits.min === undefined ? {} : { least: limits.min }),
    ...(limits.max === undefined ? {} : { most: limits.max }),
  }
}
