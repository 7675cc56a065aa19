// Before the first paint, so that nothing flashes: whether the page is light or dark. src/theme.ts takes over from here.
{
  let choice = null
  try {
    choice = localStorage.getItem('kymo.theme')
  } catch {
    // A browser may forbid it: then it is as the system has it.
  }
  const isDark =
    choice === 'dark' || (choice !== 'light' && matchMedia('(prefers-color-scheme: dark)').matches)
  document.documentElement.dataset.theme = isDark ? 'dark' : 'light'
}
