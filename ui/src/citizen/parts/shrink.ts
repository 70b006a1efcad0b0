/** Makes chosen photos as small as a weak network carries; one that cannot be read here is sent as it is. */
document.addEventListener('change', async ({ target }) => {
  const input = target as HTMLInputElement
  if (input.type !== 'file') return
  const bag = new DataTransfer()
  for (const file of input.files!) {
    let sent = file
    try {
      const image = await createImageBitmap(file)
      const scale = Math.min(1, 1600 / Math.max(image.width, image.height))
      const canvas = new OffscreenCanvas(image.width * scale, image.height * scale)
      canvas.getContext('2d')!.drawImage(image, 0, 0, canvas.width, canvas.height)
      const blob = await canvas.convertToBlob({ type: 'image/jpeg', quality: 0.8 })
      if (blob.size < file.size) sent = new File([blob], 'p.jpg', blob)
    } catch {
      // The service reads more kinds, and says what it cannot.
    }
    bag.items.add(sent)
  }
  input.files = bag.files
})
export {}
