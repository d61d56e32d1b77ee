/**
 * Reading what a request carries, up to a limit.
 */
import type { IncomingMessage } from 'node:http'
import { HttpError } from './respond'

const sizeInWords = (bytes: number): string => (bytes >= 2 ** 20 ? `${Math.round(bytes / 2 ** 20)} MiB` : `${bytes} bytes`)

const tooLarge = (limit: number): HttpError => new HttpError(413, `What was sent is larger than the ${sizeInWords(limit)} that are accepted.`)

/** @throws HttpError 413 as soon as the announced length is over the limit. */
export function checkLength(request: IncomingMessage, limit: number): void {
  if (Number(request.headers['content-length'] ?? 0) > limit) throw tooLarge(limit)
}

/** The body's chunks. @throws HttpError 413 once they are over the limit, whatever length was announced. */
export async function* limitedBody(request: IncomingMessage, limit: number): AsyncGenerator<Buffer> {
  checkLength(request, limit)
  let total = 0
  for await (const chunk of request as AsyncIterable<Buffer>) {
    total += chunk.length
    if (total > limit) throw tooLarge(limit)
    yield chunk
  }
}

/** The body as JSON. @throws HttpError 400, 413 or 415 */
export async function readJson(request: IncomingMessage, limit = 8 * 2 ** 20): Promise<unknown> {
  // A form on another page cannot send this type without asking first.
  if (!(request.headers['content-type'] ?? '').startsWith('application/json')) throw new HttpError(415, 'The body must be application/json.')
  const chunks: Buffer[] = []
  for await (const chunk of limitedBody(request, limit)) chunks.push(chunk)
  try {
    return JSON.parse(Buffer.concat(chunks).toString('utf8'))
  } catch {
    throw new HttpError(400, 'The body is not valid JSON.')
  }
}
