import { describe, expect, it } from 'vitest'
import { belowName, withName } from '../../../src/renderer/wording/about-file'

const path = '/tmp/assay-uploads-1-x/4f2a/chest/a (2).dcm'

describe('an error of one file', () => {
  it('has its name in place of its path', () => {
    expect(withName(`${path} is empty; copy it again from where it came.`, path)).toBe('a (2).dcm is empty; copy it again from where it came.')
    expect(withName(`There is no file or folder ${path}; check the path.`, path)).toBe('There is no file or folder a (2).dcm; check the path.')
  })

  it('begins with what is wrong when it stands below the name', () => {
    expect(belowName(`${path} is empty; copy it again from where it came.`, path)).toBe('is empty; copy it again from where it came.')
    expect(belowName(`There is no file or folder ${path}; check the path.`, path)).toBe('There is no file or folder a (2).dcm; check the path.')
  })

  it('stays as it is where it does not name the file', () => expect(belowName('The disk is full.', path)).toBe('The disk is full.'))
})
