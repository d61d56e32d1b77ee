/**
 * The loopback host: the interface in a browser, for machines where Electron cannot run. The same contract and the
 * same pages; 127.0.0.1 only, and only for who has the printed address.
 */
import { randomBytes } from 'node:crypto'
import { createServer } from 'node:http'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { CallName } from '../shared/contract'
import { AssayError } from '../shared/errors'
import type { EngineConnection } from '../shared/rpc'
import { readJson } from './body'
import { streamEvents } from './event-stream'
import { createGuard } from './guard'
import { HttpError, send, sendError, sendJson } from './respond'
import { readStaticFile } from './static-files'
import { createUploads } from './uploads'

export interface HostOptions {
  client: EngineConnection
  /** Folder of the built pages. */
  rendererFolder: string
  /** 0 for any free port. */
  port?: number
  token?: string
  /** Largest body of a call, in bytes. */
  callLimit?: number
  /** Largest uploaded file, in bytes. */
  uploadLimit?: number
  /** Where the folder for uploads is made. */
  temporaryFolder?: string
}

export interface Host {
  /** The address to open, token included. */
  readonly url: string
  readonly port: number
  /** Ends every connection and deletes what was uploaded. */
  close(): Promise<void>
}

/** @throws AssayError `invalid-arguments` when the port is taken. */
export async function startHost(options: HostOptions): Promise<Host> {
  const { client, rendererFolder, token = randomBytes(24).toString('base64url') } = options
  // Node gives a request five minutes to arrive; a large scan from a slow network drive takes longer.
  const server = createServer({ requestTimeout: 0 })
  // Before anybody listens: a host that cannot keep uploads must not stay half open.
  const uploads = createUploads(options.temporaryFolder, options.uploadLimit)
  const port = await listen(server, options.port ?? 0).catch((error: unknown) => {
    uploads.remove()
    throw error
  })
  const guard = createGuard(token, port)

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    guard.checkOrigin(request)
    const url = new URL(request.url ?? '/', `http://127.0.0.1:${port}`)
    const offered = url.searchParams.get('token')
    if (request.method === 'GET' && url.pathname === '/' && offered !== null && guard.isToken(offered)) {
      const cookie = { 'set-cookie': guard.cookie() }
      // A browser keeps a strict cookie from the whole way that a link on another site began, redirections included: a
      // page of our own begins a new one. Either way the token does not stay in the address bar and the history.
      if (request.headers['sec-fetch-site'] === 'cross-site') send(response, 200, enter, { 'content-type': 'text/html; charset=utf-8', ...cookie })
      else send(response, 303, '', { location: '/', ...cookie })
      return
    }
    if (!guard.hasCookie(request)) throw new HttpError(403, 'Open the address that Assay printed; it carries the key to this page.')
    const [, area = '', ...rest] = url.pathname.split('/')
    const name = rest.join('/')

    if (request.method === 'POST') {
      if (area === 'api' && rest[0] === 'call') return sendJson(response, 200, await call(rest.slice(1).join('/'), request))
      if (area === 'api' && name === 'upload') return sendJson(response, 200, await uploads.receive(request, url.searchParams))
    } else {
      if (area === 'api' && name === 'events') return streamEvents(response, client)
      if (area === 'pixels' || area === 'artifacts') return sendStored(response, name, area === 'artifacts')
      const file = await readStaticFile(rendererFolder, url.pathname)
      if (file) return send(response, 200, file.bytes, { 'content-type': file.mediaType, 'cache-control': 'no-cache' })
    }
    throw new HttpError(404, 'There is nothing at this address.')
  }

  async function call(name: string, request: IncomingMessage): Promise<unknown> {
    // The engine's side checks the name and the input against the contract.
    const output: unknown = await client.call(name as CallName, (await readJson(request, options.callLimit)) as never)
    return output ?? null
  }

  async function sendStored(response: ServerResponse, id: string, asAttachment: boolean): Promise<void> {
    const { bytes, mediaType, fileName } = await client.bytes(id)
    const disposition = asAttachment ? { 'content-disposition': attachment(fileName ?? 'assay') } : undefined
    send(response, 200, bytes, { 'content-type': mediaType, ...disposition })
  }

  server.on('request', (request, response) => {
    answer(request, response).catch((error: unknown) => sendError(request, response, error))
  })

  return {
    url: `http://127.0.0.1:${port}/?token=${token}`,
    port,
    async close() {
      const closed = new Promise((resolve) => server.close(resolve))
      server.closeAllConnections()
      await closed
      uploads.remove()
    },
  }
}

const enter = '<!doctype html><meta charset="utf-8"><title>Assay</title><meta http-equiv="refresh" content="0; url=/">'

/** RFC 6266, with the plain form for what cannot read the other. */
const attachment = (fileName: string): string =>
  `attachment; filename="${fileName.replace(/[^\w. -]/g, '_')}"; filename*=UTF-8''${encodeURIComponent(fileName).replace(/['()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`)}`

function listen(server: ReturnType<typeof createServer>, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) => {
      const why = cause.code === 'EADDRINUSE' ? 'is already in use' : 'cannot be used'
      reject(new AssayError('invalid-arguments', `Port ${port} ${why}; choose another with --port.`, { port }, { cause }))
    })
    server.listen(port, '127.0.0.1', () => resolve((server.address() as AddressInfo).port))
  })
}
