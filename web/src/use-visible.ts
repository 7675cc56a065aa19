import { type RefCallback, useCallback, useEffect, useRef, useState } from 'react'

/**
 * Which of many elements are on the screen or close to it, by id. Give each element the callback ref
 * `watch` and a `data-visible-id`.
 */
export function useVisible(): { visible: ReadonlySet<string>; watch: RefCallback<HTMLElement> } {
  const [visible, setVisible] = useState<ReadonlySet<string>>(new Set())
  const observerRef = useRef<IntersectionObserver | null>(null)

  const getObserver = useCallback(() => {
    observerRef.current ??= new IntersectionObserver(
      (entries) => setVisible((before) => applyEntries(before, entries)),
      { rootMargin: '300px 0px' },
    )
    return observerRef.current
  }, [])

  const watch = useCallback<RefCallback<HTMLElement>>(
    (element) => {
      if (element === null) return
      const observer = getObserver()
      observer.observe(element)
      return () => {
        observer.unobserve(element)
        setVisible((before) => without(before, element.dataset.visibleId ?? ''))
      }
    },
    [getObserver],
  )

  useEffect(() => () => observerRef.current?.disconnect(), [])
  return { visible, watch }
}

function applyEntries(
  before: ReadonlySet<string>,
  entries: readonly IntersectionObserverEntry[],
): ReadonlySet<string> {
  const after = new Set(before)
  for (const { target, isIntersecting } of entries) {
    const id = (target as HTMLElement).dataset.visibleId ?? ''
    if (isIntersecting) after.add(id)
    else after.delete(id)
  }
  return after
}

function without(before: ReadonlySet<string>, id: string): ReadonlySet<string> {
  if (!before.has(id)) return before
  const after = new Set(before)
  after.delete(id)
  return after
}
