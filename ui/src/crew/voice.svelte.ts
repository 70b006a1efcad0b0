/** A voice note of at most two minutes, small enough for a slow network; stops by itself. */
const MOST_MS = 120_000
const BITS_A_SECOND = 24_000
const TYPES = ['audio/webm;codecs=opus', 'audio/ogg;codecs=opus', 'audio/mp4']

export const canRecord = (): boolean => 'MediaRecorder' in globalThis && Boolean(navigator.mediaDevices)

export class Voice {
  isOn = $state(false)
  lastedMs = $state(0)
  readonly mostMs = MOST_MS
  #recorder: MediaRecorder | null = null
  #parts: Blob[] = []
  #ended: Promise<void> | null = null
  #timer: ReturnType<typeof setInterval> | undefined

  /** False when the phone refuses the microphone. */
  async start(): Promise<boolean> {
    try {
      const stream = await navigator.mediaDevices.getUserMedia({ audio: { channelCount: 1 } })
      const mimeType = TYPES.find((type) => MediaRecorder.isTypeSupported(type))
      const recorder = (this.#recorder = new MediaRecorder(stream, { mimeType, audioBitsPerSecond: BITS_A_SECOND }))
      this.#parts = []
      recorder.ondataavailable = ({ data }) => void (data.size > 0 && this.#parts.push(data))
      this.#ended = new Promise((done) => (recorder.onstop = () => done()))
      recorder.start(1000)
      this.#begin()
      return true
    } catch {
      this.drop()
      return false
    }
  }

  /** The note, or null when nothing was said. */
  async stop(): Promise<Blob | null> {
    const recorder = this.#recorder
    this.#end()
    await this.#ended
    // The server judges by the bytes and knows no codec parameters.
    const type = recorder?.mimeType.split(';')[0] ?? 'audio/webm'
    return this.#parts.length > 0 ? new Blob(this.#parts, { type }) : null
  }

  drop(): void {
    this.#end()
    this.#parts = []
  }

  #begin(): void {
    const startedAt = performance.now()
    this.isOn = true
    this.lastedMs = 0
    this.#timer = setInterval(() => {
      this.lastedMs = performance.now() - startedAt
      // The recorder rests; the note waits for the person to keep it.
      if (this.lastedMs >= MOST_MS && this.#recorder?.state === 'recording') this.#recorder.stop()
    }, 500)
  }

  #end(): void {
    clearInterval(this.#timer)
    this.isOn = false
    if (this.#recorder?.state === 'recording') this.#recorder.stop()
    this.#recorder?.stream.getTracks().forEach((track) => track.stop())
    this.#recorder = null
  }
}
