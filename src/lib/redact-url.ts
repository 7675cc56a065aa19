export const REDACTED = '(secret)'

/** A text without the names and passwords of the addresses in it: `http://user:password@host` is `http://(secret)@host`. */
export function redactUrls(text: string): string {
  return text.replace(/([a-z][a-z0-9+.-]*:\/\/)[^\s/?#"']*@/gi, `$1${REDACTED}@`)
}
