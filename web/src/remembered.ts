/** What this browser remembers of a visitor's choices. A browser may forbid it: then nothing is remembered. */
export type RememberedName = 'theme' | 'zone'

/** '': nothing. web/public/theme.js reads the theme by the same name, before anything else is loaded. */
export function recall(name: RememberedName): string {
  try {
    return localStorage.getItem(`kymo.${name}`) ?? ''
  } catch {
    return ''
  }
}

export function remember(name: RememberedName, value: string): void {
  try {
    localStorage.setItem(`kymo.${name}`, value)
  } catch {
    // It holds until the page is left.
  }
}
