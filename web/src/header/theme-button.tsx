import { useEffect } from 'react'
import { isTyping } from '../keys/is-typing.ts'
import { chooseTheme, nextTheme, type ThemeChoice, useThemeChoice } from '../theme.ts'

const SIGNS: Readonly<Record<ThemeChoice, string>> = {
  system: 'M2.5 3.5h11v7h-11zM6 13.5h4M8 10.5v3',
  light:
    'M8 5.2a2.8 2.8 0 1 1 0 5.6 2.8 2.8 0 0 1 0-5.6M8 1.4v1M8 13.6v1M1.4 8h1M13.6 8h1M3.3 3.3l.7.7M12 12l.7.7M3.3 12.7l.7-.7M12 4l.7-.7',
  dark: 'M13.2 9.6A5.6 5.6 0 0 1 6.4 2.8a5.6 5.6 0 1 0 6.8 6.8z',
}

const NAMES: Readonly<Record<ThemeChoice, string>> = {
  system: 'as the system',
  light: 'light',
  dark: 'dark',
}

/** Light, dark, or as the system has it; `d` goes from one to the next. */
export function ThemeButton() {
  const choice = useThemeChoice()
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent) => {
      if (event.key !== 'd' || event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target))
        return
      chooseTheme(nextTheme(choice))
    }
    document.addEventListener('keydown', onKeyDown)
    return () => document.removeEventListener('keydown', onKeyDown)
  }, [choice])
  return (
    <button
      type="button"
      className="icon-button theme-button"
      aria-label={`Colours: ${NAMES[choice]}`}
      aria-keyshortcuts="d"
      title={`Colours: ${NAMES[choice]}. Change to ${NAMES[nextTheme(choice)]}  (d)`}
      onClick={() => chooseTheme(nextTheme(choice))}
    >
      <svg viewBox="0 0 16 16" aria-hidden="true">
        <path
          d={SIGNS[choice]}
          fill="none"
          stroke="currentColor"
          strokeWidth="1.4"
          strokeLinecap="round"
          strokeLinejoin="round"
        />
      </svg>
    </button>
  )
}
