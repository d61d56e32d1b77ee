/** Text to the clipboard. Where the page may not use the clipboard directly, the copy command of old does it. */
export async function copyText(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text)
    return true
  } catch {
    const fill = (event: ClipboardEvent): void => {
      event.clipboardData?.setData('text/plain', text)
      event.preventDefault()
    }
    document.addEventListener('copy', fill, { once: true })
    const copied = document.execCommand('copy')
    document.removeEventListener('copy', fill)
    return copied
  }
}
