import { KymoError } from '../telemetry/errors.ts'

/**
 * The parameters of a request: from the query string, a form body or a JSON body, as lists of text in the order they
 * came. Names are whatever the client wrote, `__proto__` among them: the object has no prototype.
 *
 * Reading is tolerant, because Graphite's clients are: Grafana sends `query=a.{b,c}.*` as it is, and `%` is common in
 * names. What is no percent escape stands for itself, and what is no UTF-8 becomes U+FFFD. (In a URL, node's strict parser
 * lets ASCII through only, so anything beyond it is escaped there.)
 */
export type Parameters = Record<string, string[]>

const MAX_PARAMETERS = 10_000

const AMPERSAND = 0x26
const EQUALS = 0x3d
const PERCENT = 0x25
const PLUS = 0x2b
const SPACE = 0x20

/** Reads `name=value&name=value`. */
export function parseForm(bytes: Buffer): Parameters {
  const parameters = noParameters()
  let count = 0
  for (let start = 0; start < bytes.length; ) {
    const ampersand = bytes.indexOf(AMPERSAND, start)
    const end = ampersand < 0 ? bytes.length : ampersand
    if (end > start) {
      const equals = bytes.indexOf(EQUALS, start)
      const nameEnd = equals < 0 || equals > end ? end : equals
      const name = unescape(bytes.subarray(start, nameEnd))
      const value = nameEnd === end ? '' : unescape(bytes.subarray(nameEnd + 1, end))
      count = add(parameters, name, value, count)
    }
    start = end + 1
  }
  return parameters
}

/** The same from the query string of a URL. */
export function parseQueryString(text: string): Parameters {
  return parseForm(Buffer.from(text))
}

/** Reads `{"target": ["a", "b"], "maxDataPoints": 100}`. */
export function parseJsonParameters(bytes: Buffer): Parameters {
  const body = readJson(bytes)
  if (typeof body !== 'object' || body === null || Array.isArray(body)) {
    throw invalid('The JSON body has to be an object of parameters')
  }
  const parameters = noParameters()
  let count = 0
  for (const [name, value] of Object.entries(body)) {
    for (const item of Array.isArray(value) ? (value as unknown[]) : [value]) {
      if (item === null) continue
      if (typeof item !== 'string' && typeof item !== 'number' && typeof item !== 'boolean') {
        throw invalid(`Parameter "${name.slice(0, 100)}": a text, a number or a list of them is wanted`)
      }
      count = add(parameters, name, String(item), count)
    }
  }
  return parameters
}

/** All of both; for a name that both have, the values of the first come first. */
export function mergeParameters(first: Parameters, second: Parameters): Parameters {
  const merged = noParameters()
  for (const source of [first, second]) {
    for (const name of Object.keys(source)) merged[name] = [...(merged[name] ?? []), ...(source[name] ?? [])]
  }
  return merged
}

export function noParameters(): Parameters {
  return Object.create(null) as Parameters
}

function add(parameters: Parameters, name: string, value: string, count: number): number {
  if (count >= MAX_PARAMETERS) throw invalid(`The request has more than ${MAX_PARAMETERS} parameters`)
  const values = parameters[name]
  if (values === undefined) parameters[name] = [value]
  else values.push(value)
  return count + 1
}

function unescape(bytes: Buffer): string {
  // Fast path: nothing is escaped.
  if (!bytes.includes(PERCENT) && !bytes.includes(PLUS)) return bytes.toString('utf8')
  const plain = Buffer.allocUnsafe(bytes.length)
  let length = 0
  for (let i = 0; i < bytes.length; i++) {
    const byte = bytes[i] as number
    const escaped = byte === PERCENT ? hexPair(bytes[i + 1], bytes[i + 2]) : -1
    if (escaped >= 0) i += 2
    plain[length++] = escaped >= 0 ? escaped : byte === PLUS ? SPACE : byte
  }
  return plain.toString('utf8', 0, length)
}

/** The byte that two hexadecimal digits mean, or -1. */
function hexPair(high: number | undefined, low: number | undefined): number {
  const highValue = hexDigit(high)
  const lowValue = hexDigit(low)
  return highValue < 0 || lowValue < 0 ? -1 : highValue * 16 + lowValue
}

function hexDigit(code: number | undefined): number {
  if (code === undefined) return -1
  if (code >= 0x30 && code <= 0x39) return code - 0x30
  const letter = code | 0x20
  return letter >= 0x61 && letter <= 0x66 ? letter - 0x61 + 10 : -1
}

/** Throws the KymoError `request-invalid`. */
export function readJson(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString('utf8'))
  } catch (cause) {
    throw invalid('The body is not valid JSON', cause)
  }
}

function invalid(problem: string, cause?: unknown): KymoError {
  return new KymoError('request-invalid', { problem: `${problem}.` }, { cause })
}
