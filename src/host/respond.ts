/**
 * Answers of the host: every one carries the security headers, and every failure is a typed error as JSON, or its
 * sentence where a person opened the address.
 */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { securityHeaders } from '../shared/content-security'
import { serializeError } from '../shared/errors'
import type { AssayErrorCode, SerializedError } from '../shared/errors'

/** A failure of HTTP itself, with a status that no error code stands for. */
export class HttpError extends Error {
  constructor(
    readonly status: number,
    message: string,
  ) {
    super(message)
  }
}

/** Codes that are the caller's doing; all others are a 500. */
const statusOf: Partial<Record<AssayErrorCode, number>> = {
  'invalid-arguments': 400,
  'file-not-found': 404,
  'bundle-not-found': 404,
  'job-not-found': 404,
  'result-not-found': 404,
  'file-empty': 422,
  'file-unreadable': 422,
  'image-format-unknown': 422,
  'image-truncated': 422,
  'image-corrupt': 422,
  'image-too-large': 413,
  'image-unsupported': 422,
  'dicom-no-pixels': 422,
  'dicom-transfer-syntax-unsupported': 422,
  'bundle-invalid': 422,
  'onnx-invalid': 422,
  'onnx-shape-unknown': 422,
  'onnx-operator-unsupported': 422,
  'bundle-hash-mismatch': 422,
  'bundle-incomplete': 422,
  'data-set-invalid': 422,
  cancelled: 409,
  'engine-stopped': 503,
  'disk-full': 507,
}

export function send(response: ServerResponse, status: number, body: string | Uint8Array, headers: Record<string, string>): void {
  response.writeHead(status, { ...securityHeaders, 'cache-control': 'no-store', 'content-length': String(Buffer.byteLength(body)), ...headers })
  response.end(body)
}

export function sendJson(response: ServerResponse, status: number, value: unknown): void {
  send(response, status, JSON.stringify(value), { 'content-type': 'application/json; charset=utf-8' })
}

/** Whether a browser was led to the address, by a person or a link, and shows what it is answered. */
export const isNavigation = (request: IncomingMessage): boolean => request.method === 'GET' && request.headers['sec-fetch-mode'] === 'navigate'

function refusal(error: unknown): { status: number; error: SerializedError } {
  if (error instanceof HttpError) return { status: error.status, error: { code: 'invalid-arguments', message: error.message, facts: { status: error.status } } }
  const serialized = serializeError(error)
  return { status: statusOf[serialized.code] ?? 500, error: serialized }
}

export function sendError(request: IncomingMessage, response: ServerResponse, failure: unknown): void {
  if (response.headersSent) {
    response.destroy()
    return
  }
  // What is left of an unread body is not worth receiving.
  response.setHeader('connection', 'close')
  const { status, error } = refusal(failure)
  if (isNavigation(request)) send(response, status, error.message, { 'content-type': 'text/plain; charset=utf-8' })
  else sendJson(response, status, { error })
}
