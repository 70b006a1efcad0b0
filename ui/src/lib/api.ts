/**
 * Talks to the service over HTTP. Every refusal comes back as one typed `ApiError`, whether the server wrote a
 * problem document, a proxy wrote a page, or nothing answered at all; callers decide what to say by `code`.
 */

export interface Problem {
  type?: string
  title?: string
  status: number
  code: string
  detail?: string
  params?: Record<string, unknown>
  trace_id?: string
}

export class ApiError extends Error {
  readonly status: number
  readonly code: string
  readonly params: Record<string, unknown>
  readonly traceId: string | null

  constructor(problem: Problem) {
    super(problem.detail ?? problem.title ?? problem.code)
    this.name = 'ApiError'
    this.status = problem.status
    this.code = problem.code
    this.params = problem.params ?? {}
    this.traceId = problem.trace_id ?? null
  }

  /** Nothing answered: the request may or may not have arrived. Repeat it with the same idempotency key. */
  get isOffline(): boolean {
    return this.status === 0
  }

  /** Worth repeating unchanged: no answer, overload, a gateway without a service behind it, a first try still running. */
  get isTransient(): boolean {
    const isRunning = this.code === 'idempotency_key_running'
    return isRunning || this.status === 0 || this.status === 429 || (this.status >= 502 && this.status <= 504)
  }
}

export interface Options {
  /** 16–128 characters; the same key makes a repeat harmless. */
  idempotencyKey?: string
  /** Entity tag or row version that this edit was made on; the server answers 412 if it moved. */
  ifMatch?: string | number
  signal?: AbortSignal
}

export interface Answer<T> {
  data: T
  etag: string | null
}

type Method = 'GET' | 'POST' | 'PATCH' | 'PUT' | 'DELETE'

export const API = '/api/v1'

let mayWrite = (): boolean => true

/** Refuses every change while a condition does not hold, such as while somebody looks at the past. */
export function writeOnlyWhen(condition: () => boolean): void {
  mayWrite = condition
}

export async function request<T>(method: Method, path: string, body?: unknown, options: Options = {}): Promise<Answer<T>> {
  if (method !== 'GET' && !mayWrite()) throw new ApiError({ status: 409, code: 'read_only' })
  const headers: Record<string, string> = { Accept: 'application/json' }
  if (body instanceof Blob) headers['Content-Type'] = body.type || 'application/octet-stream'
  else if (body !== undefined) headers['Content-Type'] = 'application/json'
  if (options.idempotencyKey) headers['Idempotency-Key'] = options.idempotencyKey
  if (options.ifMatch !== undefined) headers['If-Match'] = quoteTag(options.ifMatch)
  let response: Response
  try {
    response = await fetch(path.startsWith('/api') || path.startsWith('/suivi') ? path : API + path, {
      method,
      headers,
      body: body === undefined || body instanceof Blob ? body : JSON.stringify(body),
      credentials: 'same-origin',
      signal: options.signal,
    })
  } catch (error) {
    if (error instanceof DOMException && error.name === 'AbortError') throw error
    throw new ApiError({ status: 0, code: 'offline' })
  }
  if (!response.ok) throw new ApiError(await readProblem(response))
  const data = response.status === 204 ? undefined : await readJson(response)
  return { data: data as T, etag: response.headers.get('ETag') }
}

export const get = async <T>(path: string, options?: Options): Promise<T> => (await request<T>('GET', path, undefined, options)).data
export const post = async <T>(path: string, body: unknown = {}, options?: Options): Promise<T> => (await request<T>('POST', path, body, options)).data
export const patch = async <T>(path: string, body: unknown, options?: Options): Promise<T> => (await request<T>('PATCH', path, body, options)).data

export const put = async <T>(path: string, body: unknown, options?: Options): Promise<T> => (await request<T>('PUT', path, body, options)).data
export const remove = async <T>(path: string, options?: Options): Promise<T> => (await request<T>('DELETE', path, undefined, options)).data
/** Deletes with a reason or the like. */
export const discard = async (path: string, body: unknown): Promise<void> => void (await request('DELETE', path, body))
/** Sends a file as it is. */
export const send = async <T>(path: string, file: Blob, options: Options): Promise<T> => (await request<T>('POST', path, file, options)).data

/** A fresh idempotency key. `randomUUID` exists only on https and localhost; a town-hall LAN may be neither. */
export function newKey(): string {
  if (typeof crypto.randomUUID === 'function') return crypto.randomUUID()
  const bytes = crypto.getRandomValues(new Uint8Array(16))
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')
}

function quoteTag(tag: string | number): string {
  const text = String(tag)
  return text.includes('"') ? text : `"${text}"`
}

async function readJson(response: Response): Promise<unknown> {
  try {
    return await response.json()
  } catch {
    throw new ApiError({ status: response.status, code: 'unreadable' })
  }
}

async function readProblem(response: Response): Promise<Problem> {
  const fallback: Problem = { status: response.status, code: `http_${response.status}`, title: response.statusText }
  try {
    const body = (await response.json()) as Partial<Problem>
    return typeof body.code === 'string' ? { ...fallback, ...body, status: response.status } as Problem : { ...fallback, detail: body.detail }
  } catch {
    return fallback
  }
}
