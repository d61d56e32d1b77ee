/** What a job tells on stderr while it runs. */
import { describe, expect, it } from 'vitest'
import { createProgress } from '../../src/cli/progress'
import { aJob } from '../support/scripted-service'

describe('the progress of a training', () => {
  it('has its own warnings as lines that stay, before the first epoch', () => {
    const lines: string[] = []
    const progress = createProgress({ stdout: { write: () => true }, stderr: { write: (text: string) => lines.push(text) > 0 } }, 'mine')
    const warn = (jobId: string, warnings: string[]) => progress.show({ name: 'train.warnings', payload: { jobId, warnings } })
    warn('mine', ['Copies.', 'Few images.'])
    warn('other', ['Nothing of ours.'])
    progress.show({ name: 'train.metrics', payload: { jobId: 'mine', epoch: 1, step: 8, metrics: { loss: 0.5 } } })
    expect(lines).toEqual(['Warning: Copies.\n', 'Warning: Few images.\n', 'epoch 1  loss 0.5\n'])
  })
})

describe('the progress on a terminal', () => {
  it('stays on one line, also where letters take two columns or two code units', () => {
    const lines: string[] = []
    const progress = createProgress({ stdout: { write: () => true }, stderr: { write: (text: string) => lines.push(text) > 0, isTTY: true, columns: 20 } }, 'mine')
    const job = (title: string) => progress.show({ name: 'job', payload: aJob({ id: 'mine', title, state: 'running' }) })
    job('Scan a-file-with-a-long-name')
    job('Scan 胸部単純撮影正面像')
    job('Scan 🫁🫁🫁🫁🫁🫁🫁🫁')
    expect(lines).toEqual(['\r\u001b[KScan a-file-with-a-', '\r\u001b[KScan 胸部単純撮影正', '\r\u001b[KScan 🫁🫁🫁🫁🫁🫁🫁'])
  })
})
