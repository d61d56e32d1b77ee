/**
 * Who may talk to the host: a browser on this machine that was given the printed address, and nobody else.
 *
 * Any page on the internet can make a browser send requests to 127.0.0.1, and can point a name of its own there (DNS
 * rebinding). So every request must name a loopback host, must not come from another origin, and must carry the token.
 */
import { createHash, timingSafeEqual } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import { HttpError, isNavigation } from './respond'

export interface Guard {
  /** @throws HttpError 403 for a foreign host or origin, 405 for a method other than GET and POST. */
  checkOrigin(request: IncomingMessage): void
  /** True when the request's cookie holds the token. */
  hasCookie(request: IncomingMessage): boolean
  /** True when `candidate` is the token; takes as long for a near miss as for a far one. */
  isToken(candidate: string): boolean
  /** The Set-Cookie header that lets the browser in. */
  cookie(): string
}

const digest = (text: string): Buffer => createHash('sha256').update(text).digest()

export function createGuard(token: string, port: number): Guard {
  const names = ['127.0.0.1', 'localhost']
  // The port of http itself is left out by browsers.
  const hosts = [...names.map((name) => `${name}:${port}`), ...(port === 80 ? names : [])]
  // Cookies do not keep ports apart, so the name does.
  const cookieName = `assay-${port}`
  const expected = digest(token)
  const isToken = (candidate: string): boolean => timingSafeEqual(digest(candidate), expected)

  return {
    checkOrigin(request) {
      const { host = '', origin, 'sec-fetch-site': site } = request.headers
      if (!hosts.includes(host)) throw new HttpError(403, 'Assay answers to 127.0.0.1 only.')
      if (origin !== undefined && origin !== `http://${host}`) throw new HttpError(403, 'Requests from other pages are refused.')
      if (request.method !== 'GET' && request.method !== 'POST') throw new HttpError(405, 'Only GET and POST are answered.')
      // Following a link from elsewhere to the page is fine; asking for anything else from elsewhere is not.
      if ((site === 'cross-site' || site === 'same-site') && !isNavigation(request)) throw new HttpError(403, 'Requests from other pages are refused.')
    },
    hasCookie(request) {
      const cookies = (request.headers.cookie ?? '').split(';').map((part) => part.trim())
      return cookies.some((part) => part.startsWith(`${cookieName}=`) && isToken(part.slice(cookieName.length + 1)))
    },
    isToken,
    cookie: () => `${cookieName}=${token}; HttpOnly; SameSite=Strict; Path=/`,
  }
}
