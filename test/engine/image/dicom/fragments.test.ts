/** Frames out of encapsulated pixel data, with every kind of table, with none, and where the data lies about itself. */
import { describe, expect, test } from 'vitest'
import { openImage } from '../../../../src/engine/image/decode'
import { frameReader, readItems } from '../../../../src/engine/image/dicom/fragments'
import { joined, numbers } from './dicom-maker'
import { compressedFile, delimiter, item, offsetsOf, sequence } from './encapsulate'
import { cpuTime } from '../../../support/cpu-time'

const bytes = (...values: number[]) => Uint8Array.from(values)
/** Four frames in seven fragments; frames begin with 9. */
const fragments = [bytes(9, 1), bytes(1, 1), bytes(9, 2), bytes(9, 3, 3, 3), bytes(3, 3), bytes(3, 3), bytes(9, 4)]
const beginnings = [0, 2, 3, 6]
const frames = [[9, 1, 1, 1], [9, 2], [9, 3, 3, 3, 3, 3, 3, 3], [9, 4]]
const startsWithNine = (fragment: Uint8Array) => fragment[0] === 9

function read(pixelData: Uint8Array, options: { frames: number; startsFrame?: (fragment: Uint8Array) => boolean; extended?: { offsets: number[]; lengths: number[] } }): number[][] {
  const reader = frameReader(pixelData, readItems(pixelData, 0, pixelData.length, 'x.dcm'), { name: 'x.dcm', ...options })
  return Array.from({ length: options.frames }, (_, i) => [...reader(i)])
}
const code = (work: () => unknown): string | undefined => {
  try {
    work()
  } catch (error) {
    return (error as { code: string }).code
  }
  return undefined
}

describe('where frames begin', () => {
  test('the Basic Offset Table says it', () => {
    expect(read(sequence(fragments, offsetsOf(fragments, beginnings)), { frames: 4 })).toEqual(frames)
  })

  test('the Extended Offset Table says it, and how long each frame is', () => {
    const extended = { offsets: offsetsOf(fragments, beginnings), lengths: [3, 2, 7, 1] }
    expect(read(sequence(fragments), { frames: 4, extended })).toEqual(frames.map((frame, i) => frame.slice(0, extended.lengths[i])))
  })

  test('without a table, fragments of a single frame belong together', () => {
    expect(read(sequence(fragments), { frames: 1 })).toEqual([frames.flat()])
  })

  test('without a table, as many fragments as frames are the frames', () => {
    expect(read(sequence(fragments), { frames: 7 })).toEqual(fragments.map((fragment) => [...fragment]))
  })

  test('without a table, more fragments than frames are told apart by how a frame begins', () => {
    expect(read(sequence(fragments), { frames: 4, startsFrame: startsWithNine })).toEqual(frames)
  })

  test.each([
    ['that points between fragments', [0, 10, 14, 40]],
    ['that runs backwards', [0, 40, 20, 30]],
    ['that names a fragment twice', offsetsOf(fragments, [0, 2, 2, 6])],
    ['with too few entries', [0, 20]],
    ['that does not begin at nothing', offsetsOf(fragments, [1, 2, 3, 6])],
  ])('a table %s is left aside', (_, offsets) => {
    expect(read(sequence(fragments, offsets), { frames: 4, startsFrame: startsWithNine })).toEqual(frames)
  })

  test('frames that cannot be told apart are an error, not a guess', () => {
    expect(code(() => read(sequence(fragments), { frames: 4 }))).toBe('image-corrupt')
    expect(code(() => read(sequence(fragments), { frames: 3, startsFrame: startsWithNine }))).toBe('image-corrupt')
  })

  test('fragments of odd length are taken as they are', () => {
    expect(read(sequence([bytes(1, 2, 3), bytes(4)]), { frames: 2 })).toEqual([[1, 2, 3], [4]])
  })

  test('a delimiter inside a fragment ends nothing', () => {
    expect(read(sequence([joined(bytes(1, 2), delimiter), bytes(3, 4)]), { frames: 2 })).toEqual([[1, 2, ...delimiter], [3, 4]])
  })
})

describe('pixel data that lies', () => {
  const whole = sequence([bytes(1, 2), bytes(3, 4), bytes(5, 6)])

  test('a missing delimiter loses nothing', () => {
    expect(read(whole.subarray(0, whole.length - 8), { frames: 3 })).toEqual([
      [1, 2],
      [3, 4],
      [5, 6],
    ])
    const elementAfter = joined(whole.subarray(0, whole.length - 8), numbers('US', [0xfffc, 0xfffc], true), bytes(0x4f, 0x42, 0, 0, 0, 0, 0, 0))
    expect(read(elementAfter, { frames: 3 })).toHaveLength(3)
  })

  test('of a file that was cut, the frames before are whole and the others are errors', () => {
    const cut = whole.subarray(0, whole.length - 9)
    const reader = frameReader(cut, readItems(cut, 0, cut.length, 'x.dcm'), { frames: 5, name: 'x.dcm' })
    expect([...reader(0)]).toEqual([1, 2])
    expect([...reader(1)]).toEqual([3, 4])
    expect(code(() => reader(2))).toBe('image-truncated')
    expect(code(() => reader(4))).toBe('image-truncated')
  })

  test('fewer frames than declared in a sequence that ends as it should are a contradiction', () => {
    expect(code(() => read(whole, { frames: 5 }))).toBe('image-corrupt')
  })

  test.each([
    ['no items at all', bytes(1, 2, 3, 4, 5, 6, 7, 8), 'image-corrupt'],
    ['nothing', new Uint8Array(0), 'image-truncated'],
    ['a table and no fragment', sequence([]), 'image-truncated'],
    ['a table longer than the file', item(bytes(0, 0, 0, 0), 4000), 'image-truncated'],
    ['a fragment without a length', joined(item(new Uint8Array(0)), item(bytes(1, 2), 0xffffffff)), 'image-truncated'],
    ['rubbish after the first fragment', joined(item(new Uint8Array(0)), item(bytes(1, 2)), bytes(7, 7, 7, 7, 7, 7, 7, 7)), 'image-corrupt'],
    ['an empty fragment', sequence([new Uint8Array(0)]), 'image-truncated'],
  ])('%s is a typed error', (_, pixelData, expected) => {
    expect(code(() => read(pixelData, { frames: 1 }))).toBe(expected)
  })

  test('an empty fragment among full ones moves no frame', () => {
    const pixelData = sequence([bytes(1, 2), new Uint8Array(0), bytes(5, 6)])
    const reader = frameReader(pixelData, readItems(pixelData, 0, pixelData.length, 'x.dcm'), { frames: 3, name: 'x.dcm' })
    expect(code(() => reader(1))).toBe('image-truncated')
    expect([...reader(2)]).toEqual([5, 6])
  })

  test('millions of items are walked once, and beyond that refused', () => {
    const items = (count: number) => {
      const pixelData = new Uint8Array(8 * (count + 1))
      const view = new DataView(pixelData.buffer)
      for (let at = 0; at < pixelData.length; at += 8) view.setUint32(at, 0xe000fffe, true)
      return pixelData
    }
    const took = cpuTime()
    expect(code(() => read(items(1_000_000), { frames: 1 }))).toBe('image-truncated')
    expect(code(() => read(items(5_000_000), { frames: 1 }))).toBe('image-corrupt')
    expect(took()).toBeLessThan(5000)
  })
})

describe('whole files', () => {
  const uncompressed = '1.2.840.10008.1.2.1.98'
  const two = { rows: 1, columns: 2, allocated: 8, frames: '2' }
  const stored = async (file: Uint8Array) => [...(await (await openImage(file, 'x.dcm')).stored()).pixels]

  test('encapsulated uncompressed frames are read, in one fragment or several', async () => {
    expect(await stored(compressedFile(uncompressed, two, sequence([bytes(1, 2), bytes(3, 4)])))).toEqual([1, 2, 3, 4])
    const pieces = [bytes(1), bytes(2), bytes(3, 4)]
    expect(await stored(compressedFile(uncompressed, two, sequence(pieces, offsetsOf(pieces, [0, 2]))))).toEqual([1, 2, 3, 4])
  })

  test('a file finds its Extended Offset Table, whose elements have long forms', async () => {
    const pieces = [bytes(1), bytes(2), bytes(3, 4)]
    const table = [
      { tag: 0x7fe00001, vr: 'OV', value: offsetsOf(pieces, [0, 2]) },
      { tag: 0x7fe00002, vr: 'OV', value: [2, 2] },
    ]
    expect(await stored(compressedFile(uncompressed, two, sequence(pieces), table))).toEqual([1, 2, 3, 4])
  })

  test('frames too short for their size are an error', async () => {
    await expect(stored(compressedFile(uncompressed, two, sequence([bytes(1, 2), bytes(3)])))).rejects.toMatchObject({ code: 'image-truncated' })
  })

  test('a video says that it is one, and names its syntax', async () => {
    const video = compressedFile('1.2.840.10008.1.2.4.102', two, sequence([bytes(1, 2)]))
    await expect(openImage(video, 'x.dcm')).rejects.toMatchObject({
      code: 'dicom-transfer-syntax-unsupported',
      message: expect.stringContaining('video') as string,
      facts: { transferSyntax: '1.2.840.10008.1.2.4.102', transferSyntaxName: 'MPEG-4 AVC/H.264 High Profile / Level 4.1' },
    })
  })

  test('pixels on a server say so', async () => {
    const remote = compressedFile('1.2.840.10008.1.2.4.94', two, sequence([bytes(1, 2)]))
    await expect(openImage(remote, 'x.dcm')).rejects.toMatchObject({ code: 'dicom-transfer-syntax-unsupported', message: expect.stringContaining('server') as string })
  })
})
