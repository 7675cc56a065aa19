/** A first line that tells people where to make changes. */
export const GENERATED_NOTE = '<!-- Made by `npm run generate` from the source code. Change it there. -->'

export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.map(escapeCell).join(' | ')} |`
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n')
}

export function code(text: string): string {
  return text === '' ? '' : `\`${text}\``
}

export function page(...blocks: readonly string[]): string {
  return `${[GENERATED_NOTE, ...blocks].join('\n\n')}\n`
}

function escapeCell(text: string): string {
  return text.replace(/\|/g, '\\|').replace(/\n/g, ' ')
}
