import { describe, expect, it } from 'vitest'
import { filesUnder } from '../../../src/renderer/platform/dropped-entries'
import { parseEvent, parseFailure, parseOutput } from '../../../src/renderer/platform/messages'
import { AssayError } from '../../../src/shared/errors'

describe('messages from a front', () => {
  it('are parsed by the contract, and refused with the name of the call otherwise', () => {
    expect(parseOutput('app.info', { version: '1', providers: ['cpu'], dataFolder: '/d' })).toMatchObject({ version: '1' })
    expect(() => parseOutput('app.info', { version: 1 })).toThrow(/app\.info/)
  })
  it('pass over what is no event', () => {
    for (const value of [null, 'job', {}, { name: 'job' }, { name: 'nothing', payload: {} }, { name: 'job', payload: { id: 1 } }, { name: 'toString', payload: {} }]) expect(parseEvent(value)).toBeNull()
    const payload = { jobId: 'j', epoch: 1, step: 2, metrics: { loss: 0.5 } }
    expect(parseEvent({ name: 'train.metrics', payload })).toEqual({ name: 'train.metrics', payload })
  })
  it('keep code and sentence of an error', () => {
    const failure = parseFailure({ error: { code: 'disk-full', message: 'The disk is full.', facts: {} } }, 'fallback')
    expect(failure).toBeInstanceOf(AssayError)
    expect([failure.code, failure.message]).toEqual(['disk-full', 'The disk is full.'])
    expect(parseFailure('<html>', 'fallback')).toMatchObject({ code: 'engine-stopped', message: 'fallback' })
  })
})

describe('dropped folders', () => {
  const file = (name: string, fullPath = `/${name}`) => ({ isFile: true, isDirectory: false, name, fullPath, file: (done: (file: unknown) => void) => done({ name }) })
  /** Hands out its children in portions, as browsers do. */
  const folder = (name: string, children: unknown[], portion: number) => ({
    isFile: false,
    isDirectory: true,
    name,
    fullPath: `/${name}`,
    createReader() {
      let at = 0
      return { readEntries: (done: (entries: unknown[]) => void) => done(children.slice(at, (at += portion))) }
    },
  })

  it('are walked to the last file, however many portions they come in, without what systems leave behind', async () => {
    const many = Array.from({ length: 250 }, (_, i) => file(`${i}.png`, `/study/${i}.png`))
    const tree = folder('study', [...many, file('.DS_Store'), file('Thumbs.db'), folder('inner', [file('x.dcm', '/study/inner/x.dcm')], 100)], 100)
    const found = await filesUnder([tree, file('single.png')] as unknown as FileSystemEntry[])
    expect(found).toHaveLength(252)
    expect(found.map((each) => each.relativePath)).toContain('study/inner/x.dcm')
    expect(found.map((each) => each.relativePath)).toContain('single.png')
  })
})
