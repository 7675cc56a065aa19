import { useEffect } from 'react'
import { isTyping } from '../keys/is-typing.ts'
import type { Navigate } from '../route.ts'
import { pan, zoomOut } from './time-text.ts'
import type { ShownSpan } from './use-span.ts'

/** `[` and `]` step, `-` zooms out, `l` goes back to now, `t` opens what can be typed, `z` goes to the zones. */
export function useTimeKeys(span: ShownSpan, onChange: Navigate): void {
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent) => {
      if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return
      const { nowSeconds } = span
      switch (event.key) {
        case '[':
          return onChange(pan(span, -1, nowSeconds))
        case ']':
          return onChange(pan(span, 1, nowSeconds))
        case '-':
          return onChange(zoomOut(span, nowSeconds))
        case 'l':
          return onChange({ from: '', until: '' })
        case 't':
          event.preventDefault()
          return document.querySelector<HTMLElement>('[data-key=t]')?.click()
        case 'z':
          event.preventDefault()
          return document.querySelector<HTMLElement>('[data-key=z]')?.focus()
      }
    }
    document.addEventListener('keydown', onKeyDown)
    return () => document.removeEventListener('keydown', onKeyDown)
  }, [span, onChange])
}
