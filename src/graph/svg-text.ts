import { escapeMarkup } from '../lib/escape-markup.ts'

/** Text and numbers as they stand in SVG. Whatever text holds, it is text there: it opens no element and ends no attribute. */
export function escapeText(text: string): string {
  return escapeMarkup(printable(text))
}

/** Hundredths of a pixel. */
export function px(value: number): string {
  const rounded = Math.round(value * 100) / 100
  // -0 is written as 0.
  return String(rounded === 0 ? 0 : rounded)
}

/** An element. Attributes without a value are left out; text values are escaped. */
export function element(
  name: string,
  attributes: Readonly<Record<string, string | number | undefined>>,
  content?: string,
): string {
  let text = `<${name}`
  for (const [key, value] of Object.entries(attributes)) {
    if (value === undefined) continue
    text += ` ${key}="${typeof value === 'number' ? px(value) : escapeText(value)}"`
  }
  return content === undefined ? `${text}/>` : `${text}>${content}</${name}>`
}

/**
 * Control characters, halves of surrogate pairs and what XML forbids are shown as the sign of a character that cannot be
 * shown; so are the marks that turn the direction of writing around for what comes after them.
 */
export function printable(text: string): string {
  return text.toWellFormed().replace(UNSHOWN, '\u{fffd}')
}

// oxlint-disable-next-line no-control-regex -- control characters are what is looked for
const UNSHOWN = /[\u0000-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069\ufff9-\ufffb\ufffe\uffff]/g
