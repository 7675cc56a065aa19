import { type RefObject, useEffect, useRef } from 'react'

/** A dialog that a key opens from anywhere. */
export function useDialog(isOpener: (event: KeyboardEvent) => boolean): RefObject<HTMLDialogElement | null> {
  const dialogRef = useRef<HTMLDialogElement>(null)
  const isOpenerRef = useRef(isOpener)
  useEffect(() => {
    isOpenerRef.current = isOpener
  })
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent) => {
      const dialog = dialogRef.current
      if (dialog === null || dialog.open || !isOpenerRef.current(event)) return
      event.preventDefault()
      dialog.showModal()
    }
    document.addEventListener('keydown', onKeyDown)
    return () => document.removeEventListener('keydown', onKeyDown)
  }, [])
  return dialogRef
}
