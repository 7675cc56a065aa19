/** Texts of twice as many numbers are remembered: two mebibytes. */
const PAIRS = 32_768
/** Of a place: the number, and 24 bytes that hold its text, the last of them how long it is. A pair is next to each other in memory. */
const DOUBLES_PER_PLACE = 4
const DOUBLES_PER_PAIR = 2 * DOUBLES_PER_PLACE
const LONGEST_TEXT = 23
const [MIX_HIGH, MIX] = [0x9e37_79b1, 0x85eb_ca6b]

const doubles = new Float64Array(1)
const bits = new Uint32Array(doubles.buffer)

/**
 * What `String` wrote of the numbers that were written last. It takes ten times as long as to remember, and what has all digits comes again: with each refresh of a
 * dashboard, and where the averages of whole numbers are, many times in one answer. A number has one of two places; the last one that wants them takes the first.
 */
class NumberTexts {
  readonly #places = new Float64Array(PAIRS * DOUBLES_PER_PAIR)
  readonly #bytes = new Uint8Array(this.#places.buffer)

  write(view: DataView, start: number, value: number): number {
    doubles[0] = value
    const hash = Math.imul((bits[0] as number) ^ Math.imul(bits[1] as number, MIX_HIGH), MIX)
    let at = (hash >>> 17) * DOUBLES_PER_PAIR
    const places = this.#places
    if (places[at] !== value) {
      if (places[at + DOUBLES_PER_PLACE] === value) at += DOUBLES_PER_PLACE
      else {
        const text = String(value)
        if (text.length > LONGEST_TEXT) return writeAscii(view, start, text)
        for (let index = at; index < at + DOUBLES_PER_PLACE; index++)
          places[index + DOUBLES_PER_PLACE] = places[index] as number
        this.#remember(at, value, text)
      }
    }
    // No bits of a text are those of a NaN, which would not have to stay what it is.
    view.setFloat64(start, places[at + 1] as number, true)
    view.setFloat64(start + 8, places[at + 2] as number, true)
    view.setFloat64(start + 16, places[at + 3] as number, true)
    return start + (this.#bytes[at * 8 + 8 + LONGEST_TEXT] as number)
  }

  #remember(at: number, value: number, text: string): void {
    const first = at * 8 + 8
    for (let index = 0; index < text.length; index++) this.#bytes[first + index] = text.charCodeAt(index)
    this.#bytes[first + LONGEST_TEXT] = text.length
    this.#places[at] = value
  }
}

/** One for all that is written in a thread. */
let texts: NumberTexts | undefined

/** As `String` writes a number that is finite and not 0. There is room for 24 bytes. Returns where it ends. */
export function writeRemembered(view: DataView, start: number, value: number): number {
  return (texts ??= new NumberTexts()).write(view, start, value)
}

function writeAscii(view: DataView, start: number, text: string): number {
  for (let index = 0; index < text.length; index++) view.setUint8(start + index, text.charCodeAt(index))
  return start + text.length
}
