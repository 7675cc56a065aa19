/**
 * Whether a line begins an HTTP request. Any web page can have its visitor's browser send one, with a body of the page's
 * choice, to any port of the visitor's machine: what takes lines must not take the lines of such a body.
 */
export function isHttpRequestLine(line: string): boolean {
  return /^[A-Z]{3,10} \S{1,8000} HTTP\/\d/.test(line)
}
