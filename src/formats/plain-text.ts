import { UNPRINTABLE } from './unprintable.ts'

/** Whether a text may stand in a name as it is: no white space, nothing unprintable, and no `;`, where tags begin. */
export function isPlainText(text: string): boolean {
  return !/[\s;]/.test(text) && text.search(UNPRINTABLE) < 0
}
