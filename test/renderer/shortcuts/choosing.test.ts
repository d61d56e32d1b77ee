/** Keys that a person chooses: which are free, and what is done with them. */
import { describe, expect, it } from 'vitest'
import { speak } from '../../../src/renderer/language'
import { chosenKey, keyName, withChoice } from '../../../src/renderer/shortcuts/choosing'
import { shortcutFor, shortcuts, withChoices } from '../../../src/renderer/shortcuts/table'

const press = (key: string, over = {}) => ({ key, ctrlKey: false, metaKey: false, altKey: false, shiftKey: false, ...over })

describe('a key for a shortcut', () => {
  it('is free when no other has it, its own included', () => {
    expect(chosenKey(press('q'), 'invert', {})).toEqual({ outcome: 'free', key: 'q' })
    expect(chosenKey(press('I'), 'invert', {})).toEqual({ outcome: 'free', key: 'i' })
  })
  it('is refused when another has it, by the table or by choice', () => {
    expect(chosenKey(press('f'), 'invert', {})).toEqual({ outcome: 'taken', key: 'f', by: 'alone' })
    expect(chosenKey(press('q'), 'invert', { flicker: ['q'] })).toEqual({ outcome: 'taken', key: 'q', by: 'flicker' })
    expect(chosenKey(press('x'), 'invert', { flicker: ['q'] })).toEqual({ outcome: 'free', key: 'x' })
  })
  it('is refused where other things hang on it', () => {
    for (const key of ['Tab', 'Enter', ' ', '5', 'F5']) expect(chosenKey(press(key), 'invert', {}).outcome).toBe('reserved')
    for (const over of [{ ctrlKey: true }, { altKey: true }, { metaKey: true }]) expect(chosenKey(press('q', over), 'invert', {}).outcome).toBe('modifier')
  })
  it('may come after its Shift, which is waited through', () => {
    expect(chosenKey(press('Shift', { shiftKey: true }), 'invert', {})).toEqual({ outcome: 'waiting' })
    expect(chosenKey(press('F', { shiftKey: true }), 'invert', {})).toEqual({ outcome: 'free', key: 'shift+f' })
    expect(chosenKey(press('{', { altKey: true }), 'invert', {})).toEqual({ outcome: 'free', key: '{' })
    expect(chosenKey(press('*', { shiftKey: true }), 'invert', {})).toEqual({ outcome: 'free', key: '*' })
  })
})

describe('the table with choices in it', () => {
  const table = withChoices({ invert: ['q'], flicker: ['shift+f'], preset: ['a'], unheardOf: ['z'] })
  const pressed = (key: string, over = {}) => shortcutFor(press(key, over), true, table)
  it('answers to the new keys and no longer to the old ones', () => {
    expect(['q', 'i', 'x'].map((key) => pressed(key))).toEqual(['invert', null, null])
  })
  it('tells a letter with Shift from the letter alone, where both mean something', () => {
    expect([pressed('F', { shiftKey: true }), pressed('f')]).toEqual(['flicker', 'alone'])
    expect(pressed('Q', { shiftKey: true })).toBe('invert')
  })
  it('keeps fixed keys, whatever a file says', () => {
    expect(pressed('1')).toBe('preset')
    expect(pressed('a')).toBeNull()
  })
})

it('a choice that is the own key again is no choice', () => {
  const chosen = withChoice({ flicker: ['q'] }, 'invert', ['y'])
  expect(chosen).toEqual({ flicker: ['q'], invert: ['y'] })
  expect(withChoice(chosen, 'invert', ['i'])).toEqual({ flicker: ['q'] })
})

it('every key has a name that can be printed', () => {
  expect(['i', 'shift+arrowleft', 'pageup', ' ', '?'].map(keyName)).toEqual(['I', 'Shift + ←', 'Page Up', 'Space', '?'])
  for (const each of shortcuts) for (const key of each.keys) expect(keyName(key).trim()).not.toBe('')
})

it('keys are called what is printed on a German keyboard, in German', () => {
  speak('de')
  expect(['home', 'end', 'shift+pageup', ' ', 'delete'].map(keyName)).toEqual(['Pos1', 'Ende', 'Umschalt + Bild ↑', 'Leertaste', 'Entf'])
  speak('en')
})
