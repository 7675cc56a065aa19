/** What a request can say. Each is JSON, so no name or text can break the body that it stands in. */
export const BODY_PARTS = ['json', 'kind', 'timestamp', 'interval_ms', 'metrics', 'events', 'text'] as const
export type BodyPart = (typeof BODY_PARTS)[number]

/** A body with holes: `{"content": {{text}}}`. */
export interface BodyTemplate {
  fill(valueOf: (part: BodyPart) => string): string
}

/** undefined: something else stands between `{{` and `}}`. */
export function parseBodyTemplate(text: string): BodyTemplate | undefined {
  const pieces = text.split(/\{\{\s*(\w+)\s*\}\}/)
  const literals = pieces.filter((_, index) => index % 2 === 0)
  const parts = pieces.filter((_, index) => index % 2 === 1)
  if (literals.some((literal) => /\{\{/.test(literal)) || !parts.every(isBodyPart)) return undefined
  return {
    fill: (valueOf) =>
      literals
        .map((literal, index) => literal + (index < parts.length ? valueOf(parts[index] as BodyPart) : ''))
        .join(''),
  }
}

function isBodyPart(text: string): text is BodyPart {
  return (BODY_PARTS as readonly string[]).includes(text)
}
