/** What a person reads of a check of training data. */
import { describe, expect, it } from 'vitest'
import { checkLines } from '../../src/cli/commands/train-check'
import type { DataCheck } from '../../src/shared/training'

const check: DataCheck = {
  classes: [{ name: 'normal', training: 1200, test: 40 }, { name: 'sick', training: 90, test: 8 }],
  images: { training: 1290, test: 48 },
  channels: 1,
  unreadable: [{ path: 'a/x.png', code: 'image-corrupt', message: 'It is broken.' }],
  patients: { known: true, training: 900, test: 30, inBoth: 0 },
  findings: [
    { level: 'error', code: 'class-tiny', message: 'One sentence.', examples: [], count: 8 },
    { level: 'warning', code: 'duplicates', message: 'Another.', examples: ['a = b', 'a ~ c'], count: 7 },
  ],
  giveaway: { balancedAccuracy: 0.83, chance: 0.5, features: [] },
  tone: null,
  seconds: 3.2,
}

describe('the summary of a check', () => {
  it('has a table with the numbers under each other, and every finding with its examples', () => {
    expect(checkLines(check)).toEqual([
      'class               training  test',
      'normal                 1,200    40',
      'sick                      90     8',
      'all                    1,290    48',
      'patients or groups       900    30',
      '',
      'File and header alone tell the class with a balanced accuracy of 83 %, chance is 50 %.',
      '',
      'ERROR: One sentence.',
      '',
      'Warning: Another.',
      '  a = b',
      '  a ~ c',
      '  …',
      '',
      '1 error, 1 warning, 0 notes; looked at 1,339 files in 3.2 s.',
    ])
  })

  it('leaves out what there is nothing of', () => {
    const lines = checkLines({ ...check, images: { training: 1290, test: 0 }, patients: { ...check.patients, known: false }, giveaway: null, findings: [], unreadable: [] })
    expect(lines).toEqual(['class   training', 'normal     1,200', 'sick          90', 'all        1,290', '', '0 errors, 0 warnings, 0 notes; looked at 1,290 files in 3.2 s.'])
  })
})
