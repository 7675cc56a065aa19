import { dropEmptyNodes } from '../drop-empty-nodes.ts'
import { TAG_TEXT, type TagText } from '../tags.ts'
import { UNPRINTABLE } from '../unprintable.ts'
import type { NameRule } from './profile.ts'

/**
 * What becomes of a name, tags not included; the result may be ''. In all rules each run of white space becomes '_', and
 * empty nodes are dropped.
 *
 *   ascii   '/' becomes '-', and everything but ASCII letters, digits, '_', '.' and '-' goes
 *   etsy    as there: '=' stays as well
 *   utf8    unprintable characters go, and ';', which begins the tags of a series, becomes '_'
 */
export function sanitiseName(text: string, rule: NameRule): string {
  const spaceless = text.replace(/\s+/g, '_')
  if (rule === 'utf8') return dropEmptyNodes(spaceless.replace(UNPRINTABLE, '').replace(/;/g, '_'))
  return dropEmptyNodes(spaceless.replace(/\//g, '-').replace(UNWANTED[rule], ''))
}

/** The bytes that every rule leaves alone wherever they stand. A point is one of them, if not beside another. */
export function isNameByte(byte: number, rule: NameRule): boolean {
  const character = String.fromCharCode(byte)
  if (rule === 'utf8') return byte > 0x20 && byte < 0x7f && character !== ';'
  return character.replace(UNWANTED[rule], '') !== ''
}

const UNWANTED = { ascii: /[^A-Za-z0-9_.-]/g, etsy: /[^A-Za-z0-9_.=-]/g } as const

/** Tags as etsy's statsd has them: keys and values pass through its rule for names. */
export const ETSY_TAG_TEXT: TagText = {
  key: (text) => TAG_TEXT.key(sanitiseEtsyTag(text)),
  value: (text) => TAG_TEXT.value(sanitiseEtsyTag(text)),
}

function sanitiseEtsyTag(text: string): string {
  return text.replace(/\s+/g, '_').replace(/\//g, '-').replace(/;/g, '_').replace(UNWANTED.etsy, '')
}
