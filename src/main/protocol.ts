/**
 * `app://assay/`: the built pages, and the bytes behind handles. Pixels come this way because a message would copy
 * them.
 */
import { protocol } from 'electron'
import type { Session } from 'electron'
import { securityHeaders } from '../shared/content-security'
import { origin, scheme } from '../shared/electron-origin'
import { toAssayError } from '../shared/errors'
import { readStaticFile } from '../host/static-files'
import type { EngineConnection } from '../shared/rpc'

/** To be called before the application is ready. */
export function declareScheme(): void {
  protocol.registerSchemesAsPrivileged([{ scheme, privileges: { standard: true, secure: true, supportFetchAPI: true, stream: true } }])
}

export async function answer(request: Request, client: EngineConnection, rendererFolder: string): Promise<Response> {
  const url = new URL(request.url)
  if (`${url.protocol}//${url.host}` !== origin) return refuse(403, 'There is nothing at this address.')
  if (request.method !== 'GET') return refuse(405, 'Only GET is answered.')
  const [, area = '', ...rest] = url.pathname.split('/')
  if (area === 'pixels' || area === 'artifacts') {
    try {
      const { bytes, mediaType, fileName } = await client.bytes(rest.join('/'))
      const disposition = area === 'artifacts' ? { 'content-disposition': `attachment; filename*=UTF-8''${encodeURIComponent(fileName ?? 'assay')}` } : undefined
      return new Response(bytes as Uint8Array<ArrayBuffer>, { headers: { ...securityHeaders, 'content-type': mediaType, 'cache-control': 'no-store', ...disposition } })
    } catch (error) {
      return refuse(404, toAssayError(error).message)
    }
  }
  const file = await readStaticFile(rendererFolder, url.pathname)
  if (!file) return refuse(404, 'There is nothing at this address.')
  return new Response(file.bytes as Uint8Array<ArrayBuffer>, { headers: { ...securityHeaders, 'content-type': file.mediaType } })
}

const refuse = (status: number, message: string): Response => new Response(message, { status, headers: { ...securityHeaders, 'content-type': 'text/plain; charset=utf-8' } })

export function handleScheme(session: Session, client: EngineConnection, rendererFolder: string): void {
  session.protocol.handle(scheme, (request) => answer(request, client, rendererFolder))
}
