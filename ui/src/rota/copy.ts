/** Puts a secret link in the clipboard; says whether it could (old browsers and plain http cannot). */
export async function clipboardCopy(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text)
    return true
  } catch {
    return false
  }
}
