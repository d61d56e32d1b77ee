/**
 * The loopback host over real sockets: what it answers, and everything it refuses.
 */
import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { request } from 'node:http'
import type { IncomingHttpHeaders, OutgoingHttpHeaders, Server } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { startHost } from '../../src/host/server'
import type { Host } from '../../src/host/server'
import { AssayError } from '../../src/shared/errors'
import { connect, serve } from '../../src/shared/rpc'
import { portPair } from '../support/ports'
import type { Ports } from '../support/ports'
import { aJob, scriptedService } from '../support/scripted-service'
import type { ScriptedService } from '../support/scripted-service'

const token = 'the-token-of-this-test'
let folder: string
let host: Host
let ports: Ports
let service: ScriptedService

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'assay-host-'))
  mkdirSync(join(folder, 'pages', 'assets'), { recursive: true })
  mkdirSync(join(folder, 'temporary'))
  writeFileSync(join(folder, 'pages', 'index.html'), '<!doctype html><title>Assay</title>')
  writeFileSync(join(folder, 'pages', 'assets', 'page.js'), 'export {}')
  writeFileSync(join(folder, 'secret.json'), '"secret"')
  symlinkSync(join(folder, 'secret.json'), join(folder, 'pages', 'link.json'))
  service = scriptedService(
    {
      'jobs.cancel': ({ jobId }) => {
        if (jobId === 'gone') throw new AssayError('job-not-found', 'There is no such job.')
        return aJob({ id: jobId })
      },
      'jobs.list': () => {
        throw new AssayError('internal', 'Something went wrong inside Assay.')
      },
    },
    {
      plane: { bytes: new Uint8Array([1, 2, 3]), mediaType: 'application/octet-stream' },
      'a-1': { bytes: new Uint8Array([9]), mediaType: 'image/png', fileName: 'Thorax ü "1".png' },
    },
  )
  ports = portPair()
  serve(ports.far, service)
  host = await startHost({
    client: connect(ports.near),
    rendererFolder: join(folder, 'pages'),
    temporaryFolder: join(folder, 'temporary'),
    token,
    callLimit: 1000,
    uploadLimit: 1000,
  })
})
afterEach(async () => {
  await host.close()
  ports.close()
  rmSync(folder, { recursive: true, force: true })
})

interface Answer {
  status: number
  headers: IncomingHttpHeaders
  body: string
}

/** A request as a client sends it that does not tidy up paths and headers the way a browser does. */
function ask(method: string, path: string, headers: OutgoingHttpHeaders = {}, body?: string | Buffer): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const sent = request({ host: '127.0.0.1', port: host.port, method, path, headers: { cookie: `assay-${host.port}=${token}`, ...headers } }, (response) => {
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.on('end', () => resolve({ status: response.statusCode!, headers: response.headers, body: Buffer.concat(chunks).toString() }))
    })
    sent.on('error', reject)
    sent.end(body)
  })
}

const json = { 'content-type': 'application/json' }
const call = (name: string, input: unknown, headers: OutgoingHttpHeaders = {}) => ask('POST', `/api/call/${name}`, { ...json, ...headers }, JSON.stringify(input))
const errorOf = ({ body }: Answer) => (JSON.parse(body) as { error: { code: string; message: string } }).error

describe('the way in', () => {
  it('turns the printed address into a cookie and a clean address', async () => {
    const { pathname, search } = new URL(host.url)
    const { status, headers } = await ask('GET', pathname + search, { cookie: '' })
    expect(status).toBe(303)
    expect(headers.location).toBe('/')
    expect(headers['set-cookie']).toEqual([expect.stringMatching(/^assay-\d+=.+; HttpOnly; SameSite=Strict; Path=\/$/)])
  })

  it.each([
    ['no token', '/', ''],
    ['a wrong token', '/?token=wrong', ''],
    ['a wrong cookie', '/', 'assay=wrong'],
    ['an empty token', '/?token=', ''],
  ])('is shut with %s', async (_what, path, cookie) => {
    expect((await ask('GET', path, { cookie })).status).toBe(403)
    expect((await ask('GET', '/pixels/plane', { cookie })).status).toBe(403)
    expect((await ask('POST', '/api/call/app.info', { ...json, cookie }, '{}')).status).toBe(403)
  })

  it('lets in by a link on another site as well, whose redirections would lead on without the cookie', async () => {
    const { pathname, search } = new URL(host.url)
    const { status, headers, body } = await ask('GET', pathname + search, { cookie: '', 'sec-fetch-mode': 'navigate', 'sec-fetch-site': 'cross-site' })
    expect([status, headers['set-cookie']?.length]).toEqual([200, 1])
    expect(body).toContain('http-equiv="refresh" content="0; url=/"')
    expect(body).not.toContain(token)
  })

  it('tells who opened an address without its key in a sentence what to do, and programs as JSON', async () => {
    const opened = await ask('GET', '/', { cookie: '', 'sec-fetch-mode': 'navigate', 'sec-fetch-site': 'none' })
    expect([opened.status, opened.headers['content-type'], opened.body]).toEqual([403, 'text/plain; charset=utf-8', 'Open the address that Assay printed; it carries the key to this page.'])
    expect(errorOf(await ask('GET', '/', { cookie: '' })).code).toBe('invalid-arguments')
  })

  it.each(['evil.example', 'evil.example:80', '127.0.0.1', '127.0.0.1:1', '127.0.0.1.evil.example'])('is shut for the host %j, as after DNS rebinding', async (name) => {
    expect((await ask('GET', '/', { host: name })).status).toBe(403)
  })

  it.each(['https://evil.example', 'null', 'http://127.0.0.1:1'])('is shut for the origin %s', async (origin) => {
    expect((await call('jobs.cancel', { jobId: 'a' }, { origin })).status).toBe(403)
    expect(service.calls).toEqual([])
  })

  it('is open for its own page, and says nothing to other origins', async () => {
    const answer = await call('jobs.cancel', { jobId: 'a' }, { origin: `http://127.0.0.1:${host.port}`, 'sec-fetch-site': 'same-origin' })
    expect(answer.status).toBe(200)
    expect(Object.keys(answer.headers).filter((name) => name.startsWith('access-control'))).toEqual([])
  })

  it('refuses what another site has a browser send, even without an origin', async () => {
    expect((await ask('GET', '/pixels/plane', { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'no-cors' })).status).toBe(403)
  })

  it.each(['PUT', 'DELETE', 'OPTIONS', 'HEAD'])('does not answer %s', async (method) => {
    expect((await ask(method, '/')).status).toBe(405)
  })

  it('listens on the loopback address only', () => {
    expect(new URL(host.url).hostname).toBe('127.0.0.1')
  })
})

describe('pages', () => {
  it('come with a policy that lets nothing in from elsewhere', async () => {
    const { status, headers, body } = await ask('GET', '/')
    expect(status).toBe(200)
    expect(body).toContain('<title>Assay</title>')
    expect(headers['content-type']).toBe('text/html; charset=utf-8')
    expect(headers['content-security-policy']).toContain("default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' blob: data:")
    expect(headers['x-content-type-options']).toBe('nosniff')
  })

  it.each(['/../secret.json', '/%2e%2e/secret.json', '/assets/..%2f..%2fsecret.json', '/assets/%5c..%5c..%5csecret.json', '/link.json', '/%00', '/%'])(
    'do not include %s',
    async (path) => {
      const { status, body } = await ask('GET', path)
      expect(status).toBe(404)
      expect(body).not.toContain('"secret"')
    },
  )
})

describe('calls', () => {
  it('reach the engine and bring its answer', async () => {
    const { status, body } = await call('jobs.cancel', { jobId: 'a' })
    expect(status).toBe(200)
    expect(JSON.parse(body)).toEqual(aJob({ id: 'a' }))
  })

  it.each([
    ['bad input', 'jobs.cancel', { jobId: 7 }, 400, 'invalid-arguments'],
    ['an unknown call', 'jobs.explode', {}, 400, 'invalid-arguments'],
    ['a call named like a property of every object', 'toString', {}, 400, 'invalid-arguments'],
    ['a job that is not there', 'jobs.cancel', { jobId: 'gone' }, 404, 'job-not-found'],
    ['a failure inside', 'jobs.list', {}, 500, 'internal'],
  ])('answer %s with a typed error', async (_what, name, input, status, code) => {
    const answer = await call(name, input)
    expect(answer.status).toBe(status)
    expect(errorOf(answer).code).toBe(code)
    expect(answer.headers['content-security-policy']).toBeDefined()
  })

  it('refuse a body that is no JSON, and one that a form could send', async () => {
    expect((await ask('POST', '/api/call/jobs.list', json, '{')).status).toBe(400)
    expect((await ask('POST', '/api/call/jobs.list', { 'content-type': 'text/plain' }, '{}')).status).toBe(415)
  })

  it('refuse a body over the limit, whether its length is announced or not', async () => {
    const large = JSON.stringify({ jobId: 'x'.repeat(2000) })
    expect((await ask('POST', '/api/call/jobs.cancel', json, large)).status).toBe(413)
    expect((await ask('POST', '/api/call/jobs.cancel', { ...json, 'transfer-encoding': 'chunked' }, large)).status).toBe(413)
  })

  it('are a 503 when the engine is gone', async () => {
    ports.close()
    await new Promise((resolve) => setTimeout(resolve, 20))
    const answer = await call('jobs.list', {})
    expect([answer.status, errorOf(answer).code]).toEqual([503, 'engine-stopped'])
  })
})

describe('bytes behind handles', () => {
  it('are the pixels', async () => {
    const { status, headers, body } = await ask('GET', '/pixels/plane')
    expect([status, headers['content-type'], headers['content-disposition']]).toEqual([200, 'application/octet-stream', undefined])
    expect(Buffer.from(body)).toEqual(Buffer.from([1, 2, 3]))
  })

  it('are files to save under their name', async () => {
    const { headers } = await ask('GET', '/artifacts/a-1')
    expect(headers['content-disposition']).toBe(`attachment; filename="Thorax _ _1_.png"; filename*=UTF-8''Thorax%20%C3%BC%20%221%22.png`)
  })

  it('are a 404 when nothing is kept under the handle', async () => {
    const answer = await ask('GET', '/pixels/unknown')
    expect([answer.status, errorOf(answer).code]).toEqual([404, 'result-not-found'])
  })
})

describe('events', () => {
  it('arrive as a stream while they happen', async () => {
    const response = await fetch(`http://127.0.0.1:${host.port}/api/events`, { headers: { cookie: `assay-${host.port}=${token}` } })
    expect(response.headers.get('content-type')).toBe('text/event-stream; charset=utf-8')
    const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader()
    await reader.read()
    service.emit({ name: 'job', payload: aJob({ done: 1 }) })
    const { value } = await reader.read()
    expect(JSON.parse(value!.replace(/^data: /, ''))).toEqual({ name: 'job', payload: aJob({ done: 1 }) })
    await reader.cancel()
  })
})

describe('uploads', () => {
  const upload = (name: string, batch: string, body: string | Buffer) => ask('POST', `/api/upload?name=${encodeURIComponent(name)}&batch=${batch}`, {}, body)
  const place = ({ body }: Answer) => JSON.parse(body) as { path: string; folder: string }

  it('keep the bytes and the folders of a dropped folder', async () => {
    const { path, folder: batch } = place(await upload('study/series 1/a.dcm', 'b-1', Buffer.from([0, 255])))
    expect(path).toBe(join(batch, 'study', 'series 1', 'a.dcm'))
    expect(readFileSync(path)).toEqual(Buffer.from([0, 255]))
  })

  it('may take as long as they take to arrive', async () => {
    let limit = NaN
    const look = (message: unknown): void => void (limit = (message as { server: Server }).server.requestTimeout)
    subscribe('http.server.request.start', look)
    await ask('GET', '/')
    unsubscribe('http.server.request.start', look)
    expect(limit).toBe(0)
  })

  it('keep two files of one name apart', async () => {
    const paths = [place(await upload('a.png', 'b', 'one')).path, place(await upload('a.png', 'b', 'two')).path]
    expect(paths.map((path) => readFileSync(path, 'utf8'))).toEqual(['one', 'two'])
  })

  it.each(['../../../evil.png', '/etc/evil.png', '..\\..\\evil.png', 'a/../../evil.png', 'C:\\evil.png'])('cannot leave their folder as %s', async (name) => {
    const { path, folder: batch } = place(await upload(name, 'b', 'x'))
    expect(path.startsWith(batch)).toBe(true)
    expect(path.split(/[\\/]/)).not.toContain('..')
  })

  it.each([
    ['', 'b'],
    ['..', 'b'],
    ['a.png', ''],
    ['a.png', '..'],
    ['a.png', 'x%2Fy'],
  ])('refuse the name %j in the batch %j', async (name, batch) => {
    expect((await upload(name, batch, 'x')).status).toBe(400)
  })

  it('refuse a file over the limit and keep nothing of it', async () => {
    expect((await upload('large.png', 'b', Buffer.alloc(1001))).status).toBe(413)
    const [uploads] = readdirSync(join(folder, 'temporary'))
    expect(readdirSync(join(folder, 'temporary', uploads!, 'b'))).toEqual([])
  })

  it('are gone when the host has closed, also those of a host that was killed', async () => {
    const { path } = place(await upload('a.png', 'b', 'x'))
    expect(existsSync(path)).toBe(true)
    await host.close()
    expect(readdirSync(join(folder, 'temporary'))).toEqual([])

    mkdirSync(join(folder, 'temporary', `assay-uploads-${2 ** 30}-abc`))
    mkdirSync(join(folder, 'temporary', 'somebody-elses'))
    host = await startHost({ client: connect(portPair().near), rendererFolder: folder, temporaryFolder: join(folder, 'temporary') })
    expect(readdirSync(join(folder, 'temporary')).filter((name) => !name.includes(`-${process.pid}-`))).toEqual(['somebody-elses'])
  })
})

it('holds no port where uploads cannot be kept', async () => {
  const options = { client: connect(portPair().near), rendererFolder: folder }
  const other = await startHost({ ...options, temporaryFolder: folder })
  await other.close()
  await expect(startHost({ ...options, port: other.port, temporaryFolder: join(folder, 'absent') })).rejects.toMatchObject({ code: 'ENOENT' })
  await (await startHost({ ...options, port: other.port, temporaryFolder: folder })).close()
})

it('says so when the port is taken', async () => {
  await expect(startHost({ client: connect(portPair().near), rendererFolder: folder, port: host.port, temporaryFolder: folder })).rejects.toMatchObject({
    code: 'invalid-arguments',
    facts: { port: host.port },
  })
})
