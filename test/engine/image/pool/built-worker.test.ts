/**
 * The pool with the built worker and real decoders: the same pictures as without, handed over without a copy; bombs; what
 * is no picture at all.
 */
import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { crc32, deflateRawSync, deflateSync, gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openImage } from '../../../../src/engine/image/decode'
import { writeDicom } from '../../../../src/engine/image/dicom/write'
import { DecodePool } from '../../../../src/engine/image/pool/pool'
import type { WorkerEnd } from '../../../../src/engine/image/pool/pool'
import type { Seed } from '../../../fuzz/seeds'
import { makeSeeds, nifti } from '../../../fuzz/seeds'
import { builtDecodeWorker } from '../../../support/decode-worker'

const workerFile = builtDecodeWorker()

describe.skipIf(workerFile === undefined)('the built decode worker', { timeout: 120_000 }, () => {
  let folder: string
  let pool: DecodePool
  let seeds: Seed[]
  const ends: WorkerEnd[] = []
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'assay-pool-'))
    seeds = await makeSeeds({ references: false })
    pool = new DecodePool({ workerFile: workerFile!, size: 2, onWorkerEnd: (reason) => ends.push(reason) })
  })
  afterAll(async () => {
    await pool.close()
    rmSync(folder, { recursive: true, force: true })
  })

  function file(name: string, bytes: Uint8Array | string): string {
    const path = join(folder, name)
    writeFileSync(path, bytes)
    return path
  }
  const frame = (path: string, frame?: number) => pool.run({ kind: 'frame', path, frame })
  const orCode = <T>(answer: Promise<T>): Promise<T | string> => answer.catch((error: { code: string }) => error.code)
  const failure = (path: string) => frame(path).then(() => expect.fail('decoded'), (error: { code: string; message: string; facts: { path: string } }) => error)

  it('gives what decoding on this thread gives, for every format and syntax', async () => {
    let compared = 0
    for (const { name, bytes } of seeds) {
      const path = file(name, bytes)
      const here = await orCode(openImage(bytes, path).then((opened) => opened.frame(opened.defaultFrame)))
      expect(await orCode(frame(path)), name).toEqual(here)
      const stored = await orCode(openImage(bytes, path).then((opened) => opened.stored()))
      expect(await orCode(pool.run({ kind: 'stored', path })), name).toEqual(stored)
      if (typeof here !== 'string') compared++
    }
    expect(compared).toBeGreaterThan(80)
  })

  it('gives every frame of a file that it keeps open, in any order and again', async () => {
    const bytes = nifti([9, 7, 12], 4, 16)
    const path = file('volume.nii', bytes)
    const opened = await openImage(bytes, path)
    for (const index of [6, 0, 11, 6, 5, 6]) expect(await frame(path, index)).toEqual(await opened.frame(index))
    await expect(frame(path, 12)).rejects.toMatchObject({ code: 'invalid-arguments', facts: { path } })
    expect(await frame(path, 3)).toEqual(await opened.frame(3))
    await pool.run({ kind: 'stored', path })
    expect(await frame(path, 3)).toEqual(await opened.frame(3))
  })

  it('sees that a file it keeps open was written anew', async () => {
    const path = file('changing.nii', nifti([5, 4, 3], 2, 8))
    expect((await frame(path)).frames).toBe(3)
    file('changing.nii', nifti([5, 4, 2], 2, 8))
    expect((await frame(path)).frames).toBe(2)
  })

  it('lists tags, and makes copies without patient data', async () => {
    const path = file('tags.dcm', writeDicom({ kind: 'secondary-capture', modality: 'OT', width: 2, height: 2, pixels: new Uint8Array(4), attributes: [{ tag: 0x00100010, vr: 'PN', value: 'Doe^Jane' }] }))
    const tags = await pool.run({ kind: 'tags', path, patientData: false })
    expect(tags.find(({ tag }) => tag === '(0028,0010)')).toMatchObject({ value: '2' })
    expect(JSON.stringify(tags)).not.toContain('Doe')
    const copy = await pool.run({ kind: 'anonymise', path, salt: 'salt' })
    expect(Buffer.from(copy).includes('Doe^Jane')).toBe(false)
    expect((await openImage(copy)).frames).toBe(1)
  })

  describe('refuses what is no file to be decoded, before it reads it', () => {
    const cases: Record<string, [code: string, make: () => string]> = {
      'a folder': ['file-unreadable', () => (mkdirSync(join(folder, 'folder.dcm')), join(folder, 'folder.dcm'))],
      'an empty file': ['file-empty', () => file('empty.dcm', '')],
      'no file': ['file-not-found', () => join(folder, 'nothing.dcm')],
      'a text': ['image-format-unknown', () => file('note.dcm', 'not a picture, but a letter about one')],
      'a file of 5 GiB': ['image-too-large', () => (file('large.dcm', 'x'), truncateSync(join(folder, 'large.dcm'), 5 * 2 ** 30), join(folder, 'large.dcm'))],
    }
    for (const [what, [code, make]] of Object.entries(cases))
      it(what, async () => {
        const path = make()
        const error = await failure(path)
        expect(error).toMatchObject({ code, facts: { path } })
        expect(error.message).toContain(path)
      })

    it('gigabytes that begin like nothing that it knows, after a look at the first of them', async () => {
      const path = file('disk.img', 'x')
      truncateSync(path, 3 * 2 ** 30)
      const before = process.cpuUsage().system
      expect(await failure(path)).toMatchObject({ code: 'image-format-unknown', facts: { path } })
      // To read all of it takes the system seconds.
      expect(process.cpuUsage().system - before).toBeLessThan(500_000)
    })

    it.skipIf(process.platform === 'win32')('a pipe', async () => {
      const path = join(folder, 'pipe')
      execFileSync('mkfifo', [path])
      expect(await failure(path)).toMatchObject({ code: 'file-unreadable' })
    })
  })

  describe('stops at a limit, and goes on', () => {
    const pngChunk = (type: string, data: Uint8Array): Buffer => {
      const chunk = Buffer.concat([Buffer.alloc(4), Buffer.from(type), data, Buffer.alloc(4)])
      chunk.writeUInt32BE(data.length)
      chunk.writeUInt32BE(crc32(chunk.subarray(4, -4)), chunk.length - 4)
      return chunk
    }
    const png = (width: number, height: number, depth: number, colourType: number, data: Uint8Array): Uint8Array => {
      const header = Buffer.from([0, 0, 0, 0, 0, 0, 0, 0, depth, colourType, 0, 0, 0])
      header.writeUInt32BE(width)
      header.writeUInt32BE(height, 4)
      return Buffer.concat([Buffer.from('89504e470d0a1a0a', 'hex'), pngChunk('IHDR', header), pngChunk('IDAT', data), pngChunk('IEND', Buffer.alloc(0))])
    }
    const zeros = (mebibytes: number): Buffer => Buffer.alloc(mebibytes * 2 ** 20)
    const dicomHeader = (over: Partial<Parameters<typeof writeDicom>[0]> = {}) =>
      writeDicom({ kind: 'secondary-capture', modality: 'OT', width: 2, height: 2, pixels: new Uint16Array(4), ...over })
    const patched = (bytes: Uint8Array, tag: number[], value: number): Uint8Array => {
      const out = Buffer.from(bytes)
      out.writeUInt16LE(value, out.indexOf(Buffer.from([...tag, 0x55, 0x53, 2, 0])) + 8)
      return out
    }
    const deflatedDicom = (tail: Uint8Array): Uint8Array => {
      const whole = Buffer.from(seeds.find(({ name }) => name === 'deflated.dcm')!.bytes)
      return Buffer.concat([whole.subarray(0, 144 + whole.readUInt32LE(140)), deflateRawSync(tail, { level: 1 })])
    }

    const bombs: Record<string, [codes: string[], bytes: () => Uint8Array]> = {
      'a PNG that unfolds a thousandfold': [['image-corrupt'], () => png(8, 8, 8, 0, deflateSync(zeros(100), { level: 1 }))],
      'a PNG of 60000 × 60000': [['image-too-large'], () => png(60000, 60000, 8, 2, deflateSync(zeros(1)))],
      'a PNG that says more than it can hold': [['image-truncated'], () => png(8000, 8000, 8, 2, deflateSync(zeros(0)))],
      'a gzip that unfolds a thousandfold': [['image-corrupt'], () => gzipSync(Buffer.concat([nifti([4, 4, 4], 2, 8), zeros(100)]), { level: 1 })],
      'a volume of 30000 × 30000 × 30000': [['image-too-large'], () => gzipSync(largeVolume())],
      'a gzip in a gzip': [['image-format-unknown', 'image-corrupt'], () => gzipSync(gzipSync(zeros(50)))],
      'a deflated data set that unfolds a thousandfold': [['image-too-large', 'decode-out-of-memory'], () => deflatedDicom(zeros(560))],
      'DICOM of 65535 × 65535': [['image-too-large'], () => patched(patched(dicomHeader(), [0x28, 0, 0x10, 0], 65535), [0x28, 0, 0x11, 0], 65535)],
      'DICOM of 10000 × 10000 in eight bytes': [['image-truncated'], () => patched(patched(dicomHeader(), [0x28, 0, 0x10, 0], 10000), [0x28, 0, 0x11, 0], 10000)],
    }
    function largeVolume(): Uint8Array {
      const header = Buffer.from(nifti([1, 1, 1], 2, 8))
      for (let i = 0; i < 3; i++) header.writeInt16LE(30000, 42 + 2 * i)
      return header
    }

    for (const [what, [codes, bytes]] of Object.entries(bombs))
      it(what, async () => {
        const path = file('bomb', bytes())
        const began = performance.now()
        const error = await failure(path)
        expect(codes, error.message).toContain(error.code)
        expect(error.facts.path).toBe(path)
        expect(performance.now() - began).toBeLessThan(20_000)
      })

    it('sequences nested without end', async () => {
      const head = dicomHeader()
      const nest = Buffer.from('400030a7535100 00ffffffff feff00e0ffffffff'.replaceAll(' ', ''), 'hex')
      const error = await failure(file('nested', Buffer.concat([head.subarray(0, -20), ...Array.from({ length: 100_000 }, () => nest)])))
      expect(['image-corrupt', 'image-truncated']).toContain(error.code)
    })

    it('a hundred thousand elements are read all the same', async () => {
      const head = Buffer.from(dicomHeader({ pixels: Uint16Array.of(1, 2, 3, 4) }))
      const at = head.indexOf(Buffer.from([0x28, 0, 2, 0, 0x55, 0x53]))
      const many = Buffer.alloc(100_000 * 8)
      for (let i = 0; i < 100_000; i++) {
        // Private, ascending, empty.
        many.writeUInt16LE(0x0009 + 2 * Math.floor(i / 60_000), i * 8)
        many.writeUInt16LE(0x1000 + (i % 60_000), i * 8 + 2)
        many.write('LO', i * 8 + 4)
      }
      const path = file('many', Buffer.concat([head.subarray(0, at), many, head.subarray(at)]))
      expect([...(await frame(path)).pixels]).toEqual([1, 2, 3, 4])
    })
  })

  it('has lost no worker over all this but for memory or by its own wish', () => {
    expect(ends.filter((reason) => reason !== 'memory' && reason !== 'spent')).toEqual([])
  })

  it('lets a process end by itself that has decoded', () => {
    const script = join(folder, 'once.mjs')
    const path = file('one.png', seeds.find(({ name }) => name === 'grey.png')!.bytes)
    // The smallest program around a worker as the pool starts it.
    writeFileSync(
      script,
      `import { Worker } from 'node:worker_threads'
       const worker = new Worker(${JSON.stringify(workerFile)}, { workerData: { wasmBytes: 2 ** 28 } })
       worker.on('message', (message) => message.type === 'done' && (console.log(message.result.width, message.result.pixels.length), worker.unref()))
       worker.postMessage({ id: 1, task: { kind: 'frame', path: ${JSON.stringify(path)} } })`,
    )
    expect(execFileSync(process.execPath, [script], { timeout: 20_000, encoding: 'utf8' })).toBe('28 560\n')
    expect(readFileSync(path).length).toBeGreaterThan(0)
  })
})
